"""The errors of a pydantic model in one line: dotted path, value, reason, nearest valid name."""

import difflib
import types
import typing
from collections.abc import Iterable

from pydantic import BaseModel, ValidationError


def describe_errors(error: ValidationError, model: type[BaseModel]) -> str:
    """Every error of `error`, joined by semicolons."""
    return "; ".join(list_errors(error, model))


def list_errors(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """Every error of `error`, each in one line."""
    return [_describe(item, model) for item in error.errors(include_url=False)]


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint at the name most like `name`, or nothing.

    A name that `name` is the beginning of comes before one that is merely alike.
    """
    known = [str(other) for other in names]
    longer = [other for other in known if len(name) > 2 and other.startswith(name)]
    matches = sorted(longer, key=len) or difflib.get_close_matches(name, known, n=1)
    return f", did you mean '{matches[0]}'?" if matches else ""


def choice(name: str, names: Iterable[str]) -> str:
    """What to choose in place of an unknown `name`: the nearest of `names`, else any of them."""
    known = list(names)
    near = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.4)
    return f"did you mean {' or '.join(near)}?" if near else f"choose one of {', '.join(known)}"


def _describe(item: typing.Any, model: type[BaseModel]) -> str:
    kind, location = item["type"], item["loc"]
    keys, choices = _walk(model, location)
    path = ".".join(keys)
    if kind == "extra_forbidden":
        _, holders = _walk(model, location[:-1])
        names = holders[0].model_fields if len(holders) == 1 else ()
        return f"{path}: unknown key{nearest(str(location[-1]), names)}"
    if kind == "missing":
        return f"{path}: missing"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _describe_tag(item, path, choices)
    message = item["msg"].removeprefix("Value error, ")
    if not path:
        return message if kind == "value_error" else f"the file: {message}"
    shown = repr(item["input"])
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return f"{path}: {message}, found {shown}"


def _describe_tag(item: typing.Any, path: str, choices: list[type[BaseModel]]) -> str:
    """The error of a union whose members are told apart by the value of one field."""
    key = item["ctx"]["discriminator"].strip("'")
    tags = [tag for choice in choices for tag in _literals(choice, key)]
    path = f"{path}.{key}" if path else key
    wanted = "must be one of " + ", ".join(repr(tag) for tag in tags)
    if item["type"] == "union_tag_not_found":
        return f"{path}: missing, {wanted}"
    tag = item["ctx"]["tag"]
    return f"{path}: {wanted}, found {tag!r}{nearest(tag, tags)}"


def _walk(
    model: type[BaseModel], location: tuple[int | str, ...]
) -> tuple[list[str], list[type[BaseModel]]]:
    """The keys of the file that lead to `location`, and the models that may lie there.

    Pydantic puts the member of a union it tried into the location; the file has no such key.
    """
    keys: list[str] = []
    choices = [model]
    for part in location:
        if isinstance(part, int):
            keys.append(str(part))
            continue
        if len(choices) > 1 and (members := [c for c in choices if part in _names(c)]):
            choices = members[:1]
            continue
        keys.append(part)
        field = choices[0].model_fields.get(part) if len(choices) == 1 else None
        choices = _models_in(field.annotation) if field is not None else []
    return keys, choices


def _names(model: type[BaseModel]) -> set[str]:
    """What may stand for `model` in a location: its class, or the value that tells it apart."""
    return {model.__name__, *(v for key in model.model_fields for v in _literals(model, key))}


def _literals(model: type[BaseModel], key: str) -> tuple[str, ...]:
    field = model.model_fields.get(key)
    if field is None or typing.get_origin(field.annotation) is not typing.Literal:
        return ()
    return typing.get_args(field.annotation)


def _models_in(annotation: typing.Any) -> list[type[BaseModel]]:
    """The pydantic models inside an annotation such as `list[M] | None`."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [model for part in typing.get_args(annotation) for model in _models_in(part)]
