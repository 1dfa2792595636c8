"""Absolute paths as short as tells them apart."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

_LEAST = 2


def short_paths(values: Sequence[Any]) -> list[Any]:
    """The values, absolute paths among them and in their lists led by … instead of the folders.

    Each keeps its last two parts, and as many more as the different ones need to stay different.
    """
    paths = sorted({path for value in values for path in _paths(value)})
    depth = _LEAST
    while len({_short(path, depth) for path in paths}) < len(paths):
        depth += 1
    short = {path: _short(path, depth) for path in paths}
    return [_replaced(value, short) for value in values]


def _paths(value: Any) -> list[str]:
    if isinstance(value, list):
        return [path for item in value for path in _paths(item)]
    return [value] if isinstance(value, str) and PurePath(value).is_absolute() else []


def _short(path: str, depth: int) -> str:
    _, *parts = PurePath(path).parts
    return path if len(parts) <= depth else "/".join(["…", *parts[-depth:]])


def _replaced(value: Any, short: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_replaced(item, short) for item in value]
    return short.get(value, value) if isinstance(value, str) else value
