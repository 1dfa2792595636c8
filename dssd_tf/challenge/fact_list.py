"""An edition's facts as a flat list, each with where it was read."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import BaseModel

from dssd_tf.challenge.edition import Edition
from dssd_tf.fact import Fact, Sourced


@dataclass(frozen=True)
class ListedFact:
    """One fact.

    Args:
        name: Dotted name, such as `limits.size`.
        value: In words; keys of the meta file by their dotted paths.
        source: Where it was read; see `dssd_tf.fact.Source`.
        unverified: Whether nobody read it at the source.
    """

    name: str
    value: str
    source: str
    unverified: bool

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return asdict(self)


def list_facts(edition: Edition) -> list[ListedFact]:
    """Every fact of the edition, in the order of its file."""
    return [
        ListedFact(name, _words(fact), fact.source, fact.unverified)
        for name, fact in _walk(edition, "")
    ]


def _walk(value: Any, name: str) -> Iterator[tuple[str, Sourced]]:
    """Facts under `value` with their dotted names."""
    if isinstance(value, Sourced):
        yield name, value
    elif isinstance(value, BaseModel):
        for key in type(value).model_fields:
            yield from _walk(getattr(value, key), f"{name}.{key}" if name else key)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, f"{name}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item, f"{name}.{item.name}")


def _words(fact: Sourced) -> str:
    if isinstance(fact, Fact):
        return _plain(fact.value)
    values = fact.model_dump(exclude={"source", "unverified", "name"})
    if "value" in values:
        return (
            f"at most {values['value']:,} {values['unit']} of the {values['model']} model, "
            f"{values['measure']} ({values['counter']}), stated as {values['meta_key']}"
        )
    per = "" if values["per"] == 1 else f" / {values['per']}"
    return f"{values['measure']}{per} of the {values['model']} model"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(_paths(value, ""))
    return str(value)


def _paths(tree: Any, path: str) -> Iterator[str]:
    """Dotted paths of the leaves."""
    if isinstance(tree, list):
        yield from _paths(tree[0], f"{path}[]")
    elif isinstance(tree, dict):
        for key, item in tree.items():
            yield from _paths(item, f"{path}.{key}" if path else key)
    else:
        yield path
