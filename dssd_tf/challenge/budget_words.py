"""A limit's check in words."""

from collections.abc import Mapping
from typing import Any


def check_in_words(check: Mapping[str, Any], *, model: str | None = None) -> str:
    """How a system stands to a limit, without the limit's name.

    A limit of zero is that on the weights' types: it is told as what it asks for.

    Args:
        check: As in `complexity.json`.
        model: Which model was counted; None leaves it out.
    """
    rule = check["counter"] if model is None else f"{model} model, {check['counter']}"
    measured = f"{check['measured']:,.0f}"
    if check["limit"] == 0:
        told = f"OVER: {measured} {check['unit']}, all must be int8"
        return f"{'all int8' if check['passed'] else told} ({rule})"
    verdict = "within" if check["passed"] else "OVER"
    return f"{measured} {verdict} {check['limit']:,.0f} {check['unit']} ({rule})"
