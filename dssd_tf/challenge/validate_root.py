"""Where in a package the folders of the systems lie."""

from collections import Counter
from collections.abc import Sequence

from dssd_tf.challenge.edition import Edition
from dssd_tf.challenge.fault import Fault
from dssd_tf.challenge.members import Member

_JUNK = {".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX"}


def find_root(members: Sequence[Member], edition: Edition) -> tuple[str, list[Fault]]:
    """The folder of the systems, ending in a slash, empty for the top of the package.

    A folder in the wrong place is a fault and is taken all the same, so that what lies in it can
    be judged. It is found by the files of the systems, which lie two levels below.
    """
    root, outer = edition.layout.root.value, edition.layout.outer is not None
    wanted = f"…/{root}/" if outer else f"{root}/"
    holders: Counter[str] = Counter()
    for member in members:
        *folders, name = member.name.split("/")
        # A system's file that lies in the root itself says nothing on where the root is.
        if folders and folders[-1] != root and not any(map(is_junk, folders)):
            holders["/".join(folders[:-1])] += name.endswith(system_endings(edition))
    found = [path for path, count in holders.most_common() if count]
    right = [path for path in found if _is_right(path, root, outer)]
    if right:
        return f"{right[0]}/", []
    if not found:
        return _default(members, root, outer), []
    where = f"{found[0]}/" if found[0] else ""
    message = f"the systems lie in {where or 'no folder'}, not in {wanted}"
    if outer:
        message += f"; {edition.year} has one more folder around {root}, of any name"
    return where, [Fault(where or "the package", None, "folder", where, wanted, message)]


def is_junk(name: str) -> bool:
    """Whether operating systems leave files or folders of this name in archives."""
    return name in _JUNK or name.startswith("._")


def system_endings(edition: Edition) -> tuple[str, ...]:
    """How the names of a system's files end, after its label."""
    layout = edition.layout
    outputs = [layout.output.value.format(label="", split=split) for split in edition.outputs]
    return (layout.meta.value.format(label=""), *outputs)


def _is_right(path: str, root: str, outer: bool) -> bool:
    parts = path.split("/")
    return parts[-1] == root and len(parts) == (2 if outer else 1)


def _default(members: Sequence[Member], root: str, outer: bool) -> str:
    """The folder where the systems should be; with a folder around it, the first there is."""
    if not outer:
        return f"{root}/"
    names = sorted(member.name for member in members)
    tops = [name.split("/") for name in names if not is_junk(name.split("/")[0])]
    around = [parts[0] for parts in tops if len(parts) > 2 and parts[1] == root]
    return f"{around[0]}/{root}/" if around else f"{root}/"
