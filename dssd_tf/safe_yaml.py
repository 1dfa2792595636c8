"""YAML from strangers: bounds on size, depth, aliases and expanded nodes; no duplicate keys."""

from typing import Any

import yaml

MAX_BYTES = 200_000
MAX_DEPTH = 40
MAX_ALIASES = 100
MAX_NODES = 20_000
# No text in UTF-8 holds a zero; recordings, models and archives have some near their start.
_LOOKED_AT = 1000


class UnsafeYamlError(ValueError):
    """A YAML text that does not parse or breaks one of the bounds; the message says which."""


class NoTextError(UnsafeYamlError):
    """A file of another kind, such as a recording."""


def load_yaml(data: bytes) -> Any:
    """Parse one YAML document with plain tags only.

    Args:
        data: The file's bytes, UTF-8.

    Returns:
        Mappings, lists and scalars; None for an empty document.

    Raises:
        UnsafeYamlError: No text, not UTF-8, not YAML, a tag that would build an object, a key
            given twice, more than `MAX_BYTES`, nesting beyond `MAX_DEPTH`, more than
            `MAX_ALIASES` aliases, an alias that contains itself, or more than `MAX_NODES` nodes,
            as written or once aliases are expanded.
    """
    if b"\0" in data[:_LOOKED_AT]:
        raise NoTextError("holds no text")
    if len(data) > MAX_BYTES:
        raise UnsafeYamlError(f"holds {len(data)} bytes, at most {MAX_BYTES} are read")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnsafeYamlError(f"is not UTF-8 ({error.reason} at byte {error.start})") from error
    try:
        _check_events(text)
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _expanded_nodes(node, {}, set())
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise UnsafeYamlError(f"is not valid YAML ({' '.join(str(error).split())})") from error
    except UnsafeYamlError:
        raise
    except (ValueError, TypeError, RecursionError) as error:
        # Scalars that look like a date or number but are none fail in the constructor.
        raise UnsafeYamlError(f"holds a value that cannot be read ({error})") from error


def _check_events(text: str) -> None:
    """Bound nodes, depth and aliases on the event stream, before the slow composer runs."""
    depth = aliases = nodes = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        nodes += isinstance(event, yaml.NodeEvent)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
        if depth > MAX_DEPTH:
            raise UnsafeYamlError(f"is nested deeper than {MAX_DEPTH} levels")
        if aliases > MAX_ALIASES:
            raise UnsafeYamlError(f"holds more than {MAX_ALIASES} aliases")
        if nodes > MAX_NODES:
            raise UnsafeYamlError(f"holds more than {MAX_NODES} nodes")


def _expanded_nodes(node: yaml.Node, known: dict[int, int], open_nodes: set[int]) -> int:
    """Number of nodes under `node` with every alias written out; each node is visited once."""
    if id(node) in open_nodes:
        raise UnsafeYamlError("holds an alias that contains itself")
    if id(node) in known:
        return known[id(node)]
    open_nodes.add(id(node))
    total = 1
    if isinstance(node, yaml.SequenceNode):
        total += sum(_expanded_nodes(child, known, open_nodes) for child in node.value)
    elif isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in keys:
                    line = key.start_mark.line + 1
                    raise UnsafeYamlError(f"gives the key '{key.value}' twice (line {line})")
                keys.add(key.value)
            total += _expanded_nodes(key, known, open_nodes)
            total += _expanded_nodes(value, known, open_nodes)
    open_nodes.discard(id(node))
    if total > MAX_NODES:
        raise UnsafeYamlError(f"expands to more than {MAX_NODES} nodes through its aliases")
    known[id(node)] = total
    return total
