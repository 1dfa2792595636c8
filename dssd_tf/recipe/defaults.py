"""The defaults of a recipe's settings, by dotted key."""

import types
import typing
from typing import Any

from pydantic_core import to_jsonable_python

from dssd_tf.config import Config
from dssd_tf.recipe.schema import Recipe


def default_settings() -> dict[str, Any]:
    """The default of each setting, as the recipe's file has it.

    Settings of a section that may be absent, as `distillation`, are those that it has where it is
    there. What has no default is left out.
    """
    return _defaults(Recipe, "")


def _defaults(config: type[Config], prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in config.model_fields.items():
        key, section = f"{prefix}{name}", _section(field.annotation)
        if section is not None:
            found |= _defaults(section, f"{key}.")
        if not field.is_required() and (section is None or field.default is None):
            found[key] = to_jsonable_python(field.get_default(call_default_factory=True))
    return found


def _section(annotation: Any) -> type[Config] | None:
    """The section that a field holds, or may hold."""
    union = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    members = typing.get_args(annotation) if union else (annotation,)
    sections = [m for m in members if isinstance(m, type) and issubclass(m, Config)]
    return sections[0] if sections else None
