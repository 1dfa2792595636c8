"""Values as C++ source text."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_COLUMNS = 96


def c_float(value: float) -> str:
    """A float32 literal that reads back as the same number."""
    text = np.format_float_scientific(np.float32(value), unique=True, trim="-")
    return f"{text}f"


def c_string(text: str) -> str:
    """A string literal in UTF-8; octal escapes end by themselves, hexadecimal ones do not."""
    plain = {ord('"'): '\\"', ord("\\"): "\\\\"}
    data = text.encode("utf-8")
    return (
        '"' + "".join(plain.get(b, chr(b) if 32 <= b < 127 else f"\\{b:03o}") for b in data) + '"'
    )


def c_rows(values: NDArray[np.generic]) -> str:
    """The elements of an array of any shape, in lines, without the outer braces.

    An array of two axes gets braces around each row.
    """
    if values.ndim == 2:
        return "\n".join(f"  {{\n{c_rows(row)}\n  }}," for row in values)
    items: Iterable[str]
    if np.issubdtype(values.dtype, np.floating):
        items = (c_float(float(value)) for value in values.ravel())
    else:
        items = (str(int(value)) for value in values.ravel())
    return "\n".join(_lines(items))


def header(name: str, body: str, *includes: str, comment: str) -> str:
    """A header file: comment, guard, includes, and `body` in the namespace `dssd`.

    Args:
        name: The file's name, e.g. ``model_data.h``.
        body: Declarations.
        includes: What to include, with its quotes or angle brackets.
        comment: What the file holds, one line or several.
    """
    guard = f"DSSD_{name.upper().replace('.', '_')}_"
    lines = [*_comment(comment), f"#ifndef {guard}", f"#define {guard}", ""]
    lines += [f"#include {include}" for include in includes] + ([""] if includes else [])
    lines += ["namespace dssd {", "", body.strip("\n"), "", "}  // namespace dssd", ""]
    return "\n".join([*lines, f"#endif  // {guard}", ""])


def source(body: str, *includes: str) -> str:
    """A source file that includes what is named and holds `body` in the namespace `dssd`."""
    lines = [f"#include {include}" for include in includes]
    lines += ["", "namespace dssd {", "", body.strip("\n"), "", "}  // namespace dssd", ""]
    return "\n".join(lines)


def _comment(text: str) -> list[str]:
    return [f"// {line}".rstrip() for line in text.splitlines()]


def _lines(items: Iterable[str]) -> Iterable[str]:
    line = "   "
    for item in items:
        if len(line) + len(item) + 2 > _COLUMNS:
            yield line
            line = "   "
        line += f" {item},"
    if line.strip():
        yield line
