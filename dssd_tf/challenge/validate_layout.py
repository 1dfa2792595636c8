"""Checks of the tree of a package, and which file is which."""

import difflib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from dssd_tf.challenge.edition import Edition
from dssd_tf.challenge.fault import ROWS_SHOWN, Fault
from dssd_tf.challenge.members import Member, Members
from dssd_tf.challenge.validate_root import find_root, is_junk, system_endings
from dssd_tf.challenge.validate_system import SystemFiles, missing, sort_system


@dataclass
class PackageFiles:
    """What was found in a package; reports by their path."""

    systems: list[SystemFiles]
    reports: list[Member]


def check_layout(members: Members, edition: Edition) -> tuple[PackageFiles, list[Fault]]:
    """Sort the members of a package into systems and reports, with the faults of the tree."""
    root, faults = find_root(members.files, edition)
    by_folder: dict[str, list[Member]] = defaultdict(list)
    top, stray = [], []
    for member in members.files:
        folder, _, name = member.name.removeprefix(root).partition("/")
        junk = any(map(is_junk, member.name.split("/")))
        if junk or not member.name.startswith(root) or "/" in name:
            stray.append(member)
        elif name:
            by_folder[folder].append(member)
        else:
            top.append(member)
    systems = []
    for folder in [name for name in by_folder if not _is_system(name, by_folder[name], edition)]:
        stray += by_folder.pop(folder)
    too_many = len(by_folder) > edition.systems.value
    for folder in sorted(by_folder):
        path = root + folder
        system, unknown, found = sort_system(path, by_folder[folder], edition, too_many=too_many)
        faults += found
        stray += unknown
        systems.append(system)
    faults += _check_count(len(systems), root, edition)
    reports, unknown, found = _check_reports(root, top, systems, edition)
    faults += found + _stray_faults([*stray, *unknown])
    faults += [_empty_fault(name) for name in members.folders if _is_empty(name, root, members)]
    return PackageFiles(systems, reports), faults


def _is_system(folder: str, files: Sequence[Member], edition: Edition) -> bool:
    """Whether a folder looks like a system's, by its name or by those of its files."""
    endings = system_endings(edition)
    return folder.count("_") >= 3 or any(member.name.endswith(endings) for member in files)


def _check_count(count: int, root: str, edition: Edition) -> list[Fault]:
    most = edition.systems.value
    if 1 <= count <= most:
        return []
    message = "holds no system" if count == 0 else f"holds {count} systems, at most {most}"
    where = root or "the package"
    return [Fault(where, None, "systems", str(count), f"1 … {most} systems", message)]


def _check_reports(
    root: str, top: Sequence[Member], systems: Sequence[SystemFiles], edition: Edition
) -> tuple[list[Member], list[Member], list[Fault]]:
    """The reports, one a team; with a label that cannot be read, any name of a report will do."""
    pattern = edition.layout.report.value
    teams = [system.team for system in systems if system.team is not None]
    wanted = {root + pattern.format(team=team.team, task=team.task) for team in teams}
    ending = pattern.rpartition("}")[2]
    unclear = len(teams) < len(systems)
    reports: list[Member] = []
    unknown: list[Member] = []
    for member in top:
        mine = member.name in wanted or (unclear and member.name.endswith(ending))
        (reports if mine else unknown).append(member)
    absent = sorted(wanted - {member.name for member in reports})
    if systems and not teams and not reports:
        task = edition.task_label.value
        absent = [root + pattern.format(team="LastName_Institute", task=task)]
    faults = []
    for name in absent:
        near = _nearest_report(name, unknown)
        unknown = [member for member in unknown if member is not near]
        faults.append(missing(name, "technical report", near))
    return reports, unknown, faults


def _nearest_report(name: str, others: Sequence[Member]) -> Member | None:
    sheets = {member.name: member for member in others if member.name.lower().endswith(".pdf")}
    matches = difflib.get_close_matches(name, list(sheets), n=1, cutoff=0.0)
    return sheets[matches[0]] if matches else None


def _is_empty(folder: str, root: str, members: Members) -> bool:
    leads = any(member.name.startswith(folder) for member in members.files)
    return not leads and not root.startswith(folder)


def _empty_fault(name: str) -> Fault:
    junk = any(map(is_junk, name.split("/")))
    why = "is left by the operating system; zip without it" if junk else "is an empty folder"
    return Fault(name, None, "stray folder", "a folder", "nothing else in the package", why)


def _stray_faults(stray: Sequence[Member]) -> list[Fault]:
    """A fault for each file, but one for all below a folder that the operating system left."""
    expected = "nothing else in the package"
    left: dict[str, int] = defaultdict(int)
    others = []
    # What was refused has its own fault, which says why it cannot stay.
    for member in (member for member in stray if not member.refused):
        parts = member.name.split("/")
        junk = next((i for i, part in enumerate(parts) if is_junk(part)), None)
        if junk is None:
            others.append(member.name)
        else:
            path = "/".join(parts[: junk + 1])
            left[path if junk == len(parts) - 1 else path + "/"] += 1
    faults = []
    for path, count in left.items():
        files = "1 file" if count == 1 else f"{count} files"
        why = "is left by the operating system; zip without it"
        faults.append(Fault(path, None, "stray file", files, expected, why))
    for name in others[:ROWS_SHOWN]:
        faults.append(Fault(name, None, "stray file", name, expected, "does not belong here"))
    if (more := len(others) - ROWS_SHOWN) > 0:
        why = f"{more} more files that do not belong here, the last {others[-1]}"
        faults.append(Fault(others[-1], None, "stray file", f"{more} files", expected, why))
    return faults
