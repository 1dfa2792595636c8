"""How the page writes numbers: grouped, with units, the exact value kept in `<data value>`."""

import math
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

NONE = "–"


def percent(value: float | None, digits: int = 2) -> str | Markup:
    """A fraction in [0, 1] as percent."""
    return NONE if value is None else _data(value, f"{100 * value:.{digits}f} %")


def fixed(value: float | None, digits: int = 3) -> str | Markup:
    """A number with a fixed count of decimals; infinity and not-a-number by their names."""
    if value is None:
        return NONE
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinite"
    return _data(value, f"{value:.{digits}f}")


def scientific(value: float | None) -> str | Markup:
    """A number with three significant digits, such as a learning rate."""
    return NONE if value is None or not math.isfinite(value) else _data(value, f"{value:.3g}")


def count(value: float | None, unit: str = "") -> str | Markup:
    """A whole number with its thousands grouped."""
    if value is None:
        return NONE
    number = f"{value:,}" if isinstance(value, int) or not float(value).is_integer() else ""
    return _data(value, f"{number or format(int(value), ',')} {unit}".rstrip())


def millions(value: float | None) -> str | Markup:
    """A large count in millions."""
    return NONE if value is None else _data(value, f"{value / 1e6:,.2f} M")


def points(value: float | None) -> str | Markup:
    """A difference of two fractions, in percentage points with its sign."""
    return NONE if value is None else _data(value, f"{_signed(100 * value, 2)} points")


def change(value: float | None, digits: int = 3) -> str | Markup:
    """A difference with its sign."""
    return NONE if value is None else _data(value, _signed(value, digits))


def measured(value: Any, unit: str | None = None) -> str | Markup:
    """A check's figure: a number with its unit, or words as they are."""
    if value is None:
        return NONE
    if isinstance(value, int | float) and not isinstance(value, bool):
        return count(value, unit or "")
    return f"{value} {unit or ''}".rstrip()


def shape(value: Any) -> str:
    """A tensor's shape, axes joined by ×; an axis of open size is `?`."""
    if value is None:
        return NONE
    if isinstance(value, list) and all(v is None or isinstance(v, int) for v in value):
        return " × ".join("?" if v is None else str(v) for v in value) or "scalar"
    return str(value)


def duration(seconds: float) -> str | Markup:
    """Seconds as seconds, minutes or hours."""
    if seconds < 120:
        text = f"{seconds:.1f} s"
    elif seconds < 7200:
        text = f"{seconds / 60:.1f} min"
    else:
        text = f"{seconds / 3600:.1f} h"
    return _data(seconds, text)


def breakable(name: Any) -> Markup:
    """A name that may be broken after its underscores, where a narrow column needs it."""
    return Markup("_<wbr>").join(str(name).split("_"))


FILTERS: dict[str, Callable[..., str]] = {
    function.__name__: function
    for function in (
        percent,
        fixed,
        scientific,
        count,
        millions,
        points,
        change,
        measured,
        shape,
        duration,
        breakable,
    )
}


def _signed(value: float, digits: int) -> str:
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return f"{'+' if value > 0 else '−'}{text}"


def _data(value: float, text: str) -> Markup:
    return Markup('<data value="{}">{}</data>').format(repr(value), text)
