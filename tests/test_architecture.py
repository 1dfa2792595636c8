"""The direction of imports, the table of rooms, and names that must not appear."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ORDER = (
    "ground",
    "layers",
    "models",
    "features",
    "data",
    "augmentation",
    "teachers",
    "training",
    "quantization",
    "evaluation",
    "explanation",
    "complexity",
    "presets",
    "challenge",
    "report",
    "deployment",
    "recipe",
    "pipeline",
    "cli",
)
GROUND = {
    "errors",
    "fact",
    "files",
    "progress",
    "version",
    "config",
    "config_errors",
    "safe_yaml",
    "machine",
    "native_log",
    "systems",
    "energy",
    "native_memory",
    "markdown_table",
}
_ENTRANCES = {"__main__": "cli"}


def _room(module: str) -> str:
    """The room of `dssd_tf.room.module`."""
    name = module.split(".")[1] if "." in module else "errors"
    return "ground" if name in GROUND else _ENTRANCES.get(name, name)


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, module) of every import of the package, those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "dssd_tf":
                    yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in line {node.lineno}"
            module = node.module or ""
            if module == "dssd_tf":
                for alias in node.names:
                    yield node.lineno, f"dssd_tf.{alias.name}"
            elif module.startswith("dssd_tf."):
                yield node.lineno, module


def _violations(name: str, source: str) -> list[str]:
    """Imports that go up from the module `name`, or sideways between ground modules and rooms."""
    own = ORDER.index(_room(name))
    return [
        f"{name}:{line} imports {module}"
        for line, module in _imports(ast.parse(source))
        if ORDER.index(_room(module)) > own
    ]


def _modules(repository: Path) -> dict[str, str]:
    """Every module of the rooms, by dotted name; the package's own `__init__` only loads rooms."""
    found = {}
    for path in sorted((repository / "dssd_tf").rglob("*.py")):
        dotted = ".".join(path.relative_to(repository).with_suffix("").parts)
        if dotted != "dssd_tf.__init__":
            found[dotted] = path.read_text(encoding="utf-8")
    return found


def test_every_import_goes_down(repository: Path) -> None:
    modules = _modules(repository)
    assert len(modules) > 50
    violations = [text for name, source in modules.items() for text in _violations(name, source)]
    assert violations == []


@pytest.mark.parametrize(
    "source",
    [
        "from dssd_tf.cli import main",
        "import dssd_tf.pipeline.runner",
        "from dssd_tf import report",
        "def f():\n    from dssd_tf.recipe import Recipe",
    ],
)
def test_an_import_that_goes_up_is_found(source: str) -> None:
    assert _violations("dssd_tf.data.audio", source)
    assert not _violations("dssd_tf.cli.main", source)


def test_every_room_has_a_place_in_the_order(repository: Path) -> None:
    assert {_room(name) for name in _modules(repository)} == set(ORDER)


def test_layers_need_nothing_but_keras(repository: Path) -> None:
    for path in (repository / "dssd_tf" / "layers").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {n.split(".")[0] for n in names}.isdisjoint({"tensorflow", "pandas", "librosa"})


def test_the_table_of_rooms_names_every_room_in_order(repository: Path) -> None:
    text = (repository / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms, _, _ = text.partition("## The run's folder")
    listed = re.findall(r"^\| `(\w+)/` \|", rooms, flags=re.MULTILINE)
    folders = {p.parent.name for p in (repository / "dssd_tf").glob("*/__init__.py")}
    assert set(listed) == folders
    assert tuple(listed) == ORDER[1:]


def test_keras_is_never_reached_through_tensorflow(repository: Path) -> None:
    for folder in ("dssd_tf", "tools", "tests"):
        for path in (repository / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                reached = (
                    isinstance(node, ast.Attribute)
                    and node.attr == "keras"
                    and isinstance(node.value, ast.Name)
                    and node.value.id in {"tf", "tensorflow"}
                )
                imported = isinstance(node, ast.ImportFrom) and (
                    (node.module or "").startswith("tensorflow.keras")
                    or (node.module == "tensorflow" and any(a.name == "keras" for a in node.names))
                )
                assert not reached and not imported, f"{path}:{getattr(node, 'lineno', 0)}"
