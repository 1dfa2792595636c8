"""Two lists of classes: the same, the same in another order, or different ones."""

from collections.abc import Sequence
from pathlib import Path

from dssd_tf.errors import DataError


def class_order(
    found: Sequence[str], wanted: Sequence[str], path: Path | str, *, whose: str = "the teacher"
) -> list[int]:
    """For each wanted class its position among those found.

    Args:
        found: Classes in the order of the columns.
        wanted: Classes in the order that is asked for.
        path: The file or folder of `found`, for errors.
        whose: What has the classes `found`, for errors.

    Raises:
        DataError: A class is named twice, or one list has a class that the other lacks; the
            message names them.
    """
    for names in (found, wanted):
        twice = sorted({name for name in names if list(names).count(name) > 1})
        if twice:
            raise DataError(f"class {twice[0]!r} is named twice: {', '.join(names)}", path=path)
    lacking = [name for name in wanted if name not in found]
    extra = [name for name in found if name not in wanted]
    if lacking or extra:
        parts = [f"lacks {', '.join(map(repr, lacking))}"] if lacking else []
        parts += [f"has {', '.join(map(repr, extra))} besides"] if extra else []
        raise DataError(
            f"{whose} has other classes than {', '.join(wanted)}: it {' and '.join(parts)}",
            path=path,
            fix="distil from teachers of the same classes",
        )
    return [list(found).index(name) for name in wanted]
