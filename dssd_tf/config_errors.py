"""The errors of a pydantic model in one line: dotted path, value, reason, nearest valid name."""

import difflib
import types
import typing

from pydantic import BaseModel, ValidationError


def describe_errors(error: ValidationError, model: type[BaseModel]) -> str:
    """Every error of `error`, joined by semicolons."""
    texts = [_describe(item, model) for item in error.errors(include_url=False)]
    return "; ".join(texts)


def nearest(name: str, names: typing.Iterable[str]) -> str:
    """A hint at the name most like `name`, or nothing."""
    matches = difflib.get_close_matches(name, [str(other) for other in names], n=1)
    return f", did you mean '{matches[0]}'?" if matches else ""


def _describe(item: typing.Any, model: type[BaseModel]) -> str:
    path = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        names = _fields_at(model, item["loc"][:-1])
        return f"{path}: unknown key{nearest(str(item['loc'][-1]), names)}"
    if item["type"] == "missing":
        return f"{path}: missing"
    message = item["msg"].removeprefix("Value error, ")
    if not path:
        return message if item["type"] == "value_error" else f"the file: {message}"
    shown = repr(item["input"])
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return f"{path}: {message}, found {shown}"


def _fields_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Field names of the model that lies at `location` within `model`."""
    for part in location:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        inner = _model_in(field.annotation) if field is not None else None
        if inner is None:
            return []
        model = inner
    return list(model.model_fields)


def _model_in(annotation: typing.Any) -> type[BaseModel] | None:
    """The pydantic model inside an annotation such as `list[M] | None`."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    for argument in typing.get_args(annotation):
        if (found := _model_in(argument)) is not None:
            return found
    return None
