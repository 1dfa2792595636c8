"""Checks of the names in one system's folder, and which file is which."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field

from dssd_tf.challenge.edition import Edition
from dssd_tf.challenge.fault import Fault
from dssd_tf.challenge.label import Label, parse_label
from dssd_tf.challenge.members import Member

# The highest number of a label in any edition; where there are too many systems, their numbers
# are no fault of their own.
_LARGEST_NUMBER = 9


@dataclass
class SystemFiles:
    """The files of one system's folder.

    Args:
        labels: The label of the folder, and that of its files where it is another.
        team: The label's parts, None where no label can be read.
    """

    labels: list[str]
    team: Label | None = None
    meta: Member | None = None
    outputs: dict[int | None, Member] = field(default_factory=dict)


def sort_system(
    path: str, files: Sequence[Member], edition: Edition, *, too_many: bool
) -> tuple[SystemFiles, list[Member], list[Fault]]:
    """Tell the files of a system's folder by how their names end.

    Args:
        path: The folder, without a slash at its end.
        files: What lies in it.
        edition: The rules.
        too_many: Whether there are more systems than the edition takes.

    Returns:
        The system, what does not belong to it, and the faults of names.
    """
    folder = path.rsplit("/", 1)[-1]
    system = SystemFiles([folder])
    endings = {edition.layout.meta.value.format(label=""): "meta file"}
    splits = {}
    for split in edition.outputs:
        ending = edition.layout.output.value.format(label="", split=split)
        endings[ending] = "output file" if split is None else f"output file of split {split}"
        splits[ending] = split
    chosen, stray = _choose(files, folder, endings)
    carried = {ending: _name(member).removesuffix(ending) for ending, member in chosen.items()}
    numbers = _LARGEST_NUMBER if too_many else edition.systems.value
    faults = _check_labels(path, system, chosen, carried, edition, numbers)
    for ending, what in endings.items():
        if ending not in chosen:
            wanted = f"{system.labels[-1]}{ending}"
            near = _nearest(wanted, stray, system.labels)
            stray = [member for member in stray if member is not near]
            faults.append(missing(f"{path}/{wanted}", what, near))
        elif ending in splits:
            system.outputs[splits[ending]] = chosen[ending]
        else:
            system.meta = chosen[ending]
    return system, stray, faults


def missing(path: str, what: str, near: Member | None) -> Fault:
    """The fault of a file that is not there, but perhaps under another name."""
    hint, found = "", ""
    if near is not None:
        found = _name(near)
        hint = f", is it '{found}'?"
    return Fault(path, None, "file", found, path.rsplit("/", 1)[-1], f"the {what} is missing{hint}")


def _choose(
    files: Sequence[Member], folder: str, endings: Sequence[str] | dict[str, str]
) -> tuple[dict[str, Member], list[Member]]:
    """One file for each ending, rather the one with the folder's label; and the others."""
    chosen: dict[str, Member] = {}
    stray = []
    for member in sorted(files, key=lambda member: not _name(member).startswith(folder + ".")):
        name = _name(member)
        ending = next((ending for ending in endings if name.endswith(ending)), None)
        if ending is None or ending in chosen:
            stray.append(member)
        else:
            chosen[ending] = member
    return chosen, stray


def _check_labels(
    path: str,
    system: SystemFiles,
    chosen: dict[str, Member],
    carried: dict[str, str],
    edition: Edition,
    numbers: int,
) -> list[Fault]:
    """Faults of the folder's label and of files named for another; sets what the system is."""
    folder, others = system.labels[0], set(carried.values())
    common = others.pop() if len(others) == 1 else folder
    task = edition.task_label.value
    expected = f"LastName_Institute_{task}_N"
    problem = None
    try:
        system.team = parse_label(folder, task, numbers)
    except ValueError as error:
        problem = str(error)
    if common != folder:
        try:
            label = parse_label(common, task, numbers)
        except ValueError:
            label = None
        system.labels.append(common)
        if label is not None:
            system.team, expected = system.team or label, common
        elif problem is None:
            expected = f"files named for {folder}"
        problem = problem or f"the folder is '{folder}', its files are named for '{common}'"
    if problem:
        return [Fault(path, None, "label", folder, expected, problem)]
    faults = []
    for ending, label_found in carried.items():
        if label_found not in (folder, common):
            message = f"is named for '{label_found}', its folder is '{folder}'"
            right = folder + ending
            name = chosen[ending].name
            faults.append(Fault(name, None, "label", label_found + ending, right, message))
    return faults


def _nearest(wanted: str, stray: Sequence[Member], labels: Sequence[str]) -> Member | None:
    """The stray file most like the wanted name, compared without the label they share."""

    def short(name: str) -> str:
        label = next((label for label in labels if name.startswith(label)), "")
        return name.removeprefix(label)

    names = {short(_name(member)): member for member in stray if not member.refused}
    matches = difflib.get_close_matches(short(wanted), list(names), n=1, cutoff=0.8)
    return names[matches[0]] if matches else None


def _name(member: Member) -> str:
    return member.name.rsplit("/", 1)[-1]
