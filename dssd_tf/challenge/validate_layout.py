"""Checks of the tree of a package, and which file is which."""

from collections import defaultdict
from dataclasses import dataclass, field

from dssd_tf.challenge.edition import Edition
from dssd_tf.challenge.fault import Fault, show
from dssd_tf.challenge.label import Label, parse_label
from dssd_tf.challenge.members import Member, Members
from dssd_tf.config_errors import nearest

_JUNK = {".DS_Store", "Thumbs.db", "desktop.ini"}


@dataclass
class SystemFiles:
    """The files of one system's folder that carry the names they should."""

    label: str
    meta: Member | None = None
    outputs: dict[int | None, Member] = field(default_factory=dict)


@dataclass
class PackageFiles:
    """What was found in a package; reports by their path."""

    systems: list[SystemFiles]
    reports: list[Member]


def check_layout(members: Members, edition: Edition) -> tuple[PackageFiles, list[Fault]]:
    """Sort the members of a package into systems and reports, with the faults of the tree."""
    root, faults = _find_root(members, edition)
    by_folder: dict[str, list[Member]] = defaultdict(list)
    top, stray = [], []
    for member in members.files:
        inside = member.name.removeprefix(root)
        if not member.name.startswith(root):
            stray.append(member.name)
        elif "/" not in inside:
            top.append(member)
        elif inside.count("/") == 1:
            by_folder[inside.split("/")[0]].append(member)
        else:
            stray.append(member.name)
    # A folder that was refused file by file still counts as there; its faults are told already.
    systems, labels = [], []
    for folder in sorted(by_folder):
        if _is_junk(folder):
            stray += [member.name for member in by_folder[folder]]
            continue
        label, found = _check_folder_name(root + folder, folder, edition)
        faults += found
        labels += [label] if label is not None else []
        system, unknown, found = _check_system(root + folder, folder, by_folder[folder], edition)
        faults += found
        stray += unknown
        systems.append(system)
    faults += _check_count(len(systems), root, edition)
    reports, unknown, found = _check_reports(root, top, labels, edition)
    faults += found
    empty = [
        name
        for name in members.folders
        if not root.startswith(name) and not _leads_to_file(name, members)
    ]
    faults += [_stray_fault(name) for name in [*stray, *unknown, *empty]]
    return PackageFiles(systems, reports), faults


def _find_root(members: Members, edition: Edition) -> tuple[str, list[Fault]]:
    """Where the systems lie, ending in a slash; the name of a folder around it is free."""
    root = edition.layout.root.value + "/"
    if edition.layout.outer is None:
        return root, []
    around = sorted(
        member.name.split("/")[0]
        for member in members.files
        if member.name.partition("/")[2].startswith(root)
    )
    if around:
        return f"{around[0]}/{root}", []
    message = f"lies in no folder; {edition.year} has one more folder around it"
    return root, [Fault(root, None, "folder", root, f"…/{root}", message)]


def _check_folder_name(
    path: str, folder: str, edition: Edition
) -> tuple[Label | None, list[Fault]]:
    try:
        return parse_label(folder, edition.task_label.value, edition.systems.value), []
    except ValueError as error:
        expected = f"LastName_Institute_{edition.task_label.value}_N"
        return None, [Fault(path, None, "label", show(folder), expected, f"the label {error}")]


def _check_system(
    path: str, label: str, files: list[Member], edition: Edition
) -> tuple[SystemFiles, list[str], list[Fault]]:
    system = SystemFiles(label)
    meta = edition.layout.meta.value.format(label=label)
    outputs = {
        edition.layout.output.value.format(label=label, split=split): split
        for split in edition.outputs
    }
    unknown = []
    for member in files:
        name = member.name.rsplit("/", 1)[1]
        if name == meta:
            system.meta = member
        elif name in outputs:
            system.outputs[outputs[name]] = member
        else:
            unknown.append(member.name)
    names = [name.rsplit("/", 1)[1] for name in unknown]
    faults = []
    if system.meta is None:
        faults.append(_missing(f"{path}/{meta}", "meta file", names))
    for name, split in outputs.items():
        if split not in system.outputs:
            what = "output file" if split is None else f"output file of split {split}"
            faults.append(_missing(f"{path}/{name}", what, names))
    return system, unknown, faults


def _check_count(count: int, root: str, edition: Edition) -> list[Fault]:
    most = edition.systems.value
    if 1 <= count <= most:
        return []
    message = "holds no system" if count == 0 else f"holds {count} systems, at most {most}"
    return [Fault(root, None, "systems", str(count), f"1 … {most} systems", message)]


def _check_reports(
    root: str, top: list[Member], labels: list[Label], edition: Edition
) -> tuple[list[Member], list[str], list[Fault]]:
    wanted = {
        root + edition.layout.report.value.format(team=label.team, task=label.task)
        for label in labels
    }
    reports = [member for member in top if member.name in wanted]
    unknown = [member.name for member in top if member.name not in wanted]
    there = {member.name for member in reports}
    others = [name.removeprefix(root) for name in unknown]
    missing = sorted(wanted - there)
    return reports, unknown, [_missing(name, "technical report", others) for name in missing]


def _missing(path: str, what: str, others: list[str]) -> Fault:
    name = path.rsplit("/", 1)[1]
    hint = nearest(name, others).replace("did you mean", "is it")
    return Fault(path, None, "file", "", name, f"the {what} is missing{hint}")


def _leads_to_file(folder: str, members: Members) -> bool:
    return any(member.name.startswith(folder) for member in members.files)


def _is_junk(name: str) -> bool:
    return name in _JUNK or name == "__MACOSX" or name.startswith("._")


def _stray_fault(name: str) -> Fault:
    junk = any(_is_junk(part) for part in name.split("/"))
    why = "is left by the operating system; zip without it" if junk else "does not belong here"
    return Fault(name, None, "stray file", show(name), "nothing else in the package", why)
