from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

SUMMARY = """\
configuration,system,runs,macro_accuracy,log_loss
base,int8,3,0.7,0.9
wide,int8,3,0.75,0.8
"""


@pytest.fixture
def tool(
    load_tool: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ModuleType:
    """The tool, on a repository of its own."""
    module = load_tool("fill_tables")
    monkeypatch.setattr(module, "REPOSITORY", tmp_path)
    (tmp_path / "summary.csv").write_text(SUMMARY)
    return module


def page(path: Path, *commands: str) -> Path:
    tables = [f"<!-- dssd {command} -->\nold\n<!-- end of table -->\n" for command in commands]
    path.write_text("# Title\n\n" + "\nBetween.\n\n".join(tables) + "\nBehind.\n")
    return path


def test_each_table_is_what_its_command_prints(
    tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = ["table summary.csv --brief --only wide", "table summary.csv --only base"]
    first = page(tmp_path / "README.md", *commands)
    (tmp_path / "other.md").write_text("no table\n")
    before = first.read_text()
    assert tool.main(["--check"]) == 1
    assert first.read_text() == before
    assert capsys.readouterr().out == "README.md: not up to date\n"
    assert tool.main([]) == 0
    text = first.read_text()
    assert "| `wide` | 75.0 % | 0.80 |" in text and "| base | int8 | 0.700 |" in text
    assert "old" not in text
    assert text.startswith("# Title\n\n<!-- dssd table summary.csv --brief --only wide -->\n| conf")
    assert "\n<!-- end of table -->\n\nBetween.\n" in text and text.endswith("\nBehind.\n")
    assert tool.main(["--check"]) == 0
    (tmp_path / "summary.csv").write_text(SUMMARY.replace("0.75", "0.76"))
    assert tool.main(["--check"]) == 1


@pytest.mark.parametrize("command", ["table lost.csv", "table summary.csv --shortly"])
def test_a_command_that_fails_changes_nothing(
    tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    first = page(tmp_path / "README.md", "table summary.csv", command)
    before = first.read_text()
    assert tool.main([]) == 2
    assert f"README.md: dssd {command}: exit code 2" in capsys.readouterr().err
    assert first.read_text() == before


def test_the_pages_of_this_repository_show_the_committed_results(
    load_tool: Callable[[str], ModuleType], repository: Path
) -> None:
    tool = load_tool("fill_tables")
    assert repository / "README.md" in tool.pages()
    assert tool.main(["--check"]) == 0
