import argparse
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dssd_tf.cli import main
from dssd_tf.cli.main import build_parser
from dssd_tf.errors import RecipeError
from dssd_tf.version import __version__

COMMANDS = (
    ["run"],
    ["train"],
    ["quantize"],
    ["evaluate"],
    ["compare"],
    ["sweep"],
    ["table"],
    ["search"],
    ["editions"],
    ["complexity"],
    ["package"],
    ["validate"],
    ["report"],
    ["predict"],
    ["explain"],
    ["benchmark"],
    ["budget"],
    ["energy"],
    ["export"],
    ["export", "mcu"],
    ["recipe"],
    ["recipe", "check"],
    ["recipe", "schema"],
    ["data"],
    ["data", "synthesize"],
    ["data", "download"],
    ["data", "verify"],
    ["data", "cut"],
    ["data", "devices"],
    ["data", "prepare"],
    ["data", "cache"],
    ["data", "cache", "ls"],
    ["data", "cache", "verify"],
    ["data", "cache", "clear"],
    ["models"],
    ["models", "list"],
    ["models", "describe"],
    ["models", "import-dsmn"],
    ["models", "save-preset"],
    ["models", "card"],
    ["teach"],
    ["bank"],
    ["bank", "ls"],
    ["bank", "import"],
    ["bank", "average"],
    ["bank", "verify"],
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(command: list[str], dssd: Callable) -> None:
    result = dssd(*command, "--help")
    assert result.code == 0
    assert result.out.startswith(f"usage: dssd {' '.join(command)}")
    assert result.err == ""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_teaches_by_an_example(command: list[str], dssd: Callable) -> None:
    """In its own help or, of an action, in that of its group."""
    shown = dssd(*command, "--help").out + dssd(*command[:-1], "--help").out
    _, _, examples = shown.partition("\nexample")
    assert re.search(rf"^  dssd {' '.join(command)}( |$)", examples, flags=re.MULTILINE)


def test_the_list_of_commands_is_whole() -> None:
    assert sorted(map(list, _commands(build_parser()))) == sorted(COMMANDS)


def _commands(parser: argparse.ArgumentParser, *names: str) -> Iterator[tuple[str, ...]]:
    """Every command and action, as words."""
    groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for name, inner in (choice for group in groups for choice in group.choices.items()):
        yield (*names, name)
        yield from _commands(inner, *names, name)


def test_the_help_names_every_command(dssd: Callable) -> None:
    shown = dssd("--help").out
    listed = re.findall(r"^    (\w+)", shown, flags=re.MULTILINE)
    assert {command[0] for command in COMMANDS} == set(listed)


def test_version(dssd: Callable) -> None:
    assert dssd("--version").out == f"dssd_tf {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["trian"], ["run"], ["validate"]])
def test_a_wrong_command_line_is_exit_code_two(arguments: list[str], dssd: Callable) -> None:
    result = dssd(*arguments)
    assert result.code == 2
    assert "usage: dssd" in result.err


def test_debug_shows_the_traceback(tmp_path: Path, dssd: Callable) -> None:
    assert "no such recipe" in dssd("recipe", "check", tmp_path / "none.yaml").line
    with pytest.raises(RecipeError, match="no such recipe"):
        main(["--debug", "recipe", "check", str(tmp_path / "none.yaml")])


def test_interrupted_outside_a_run(dssd: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dssd_tf.data.synthesis.synthesize", interrupted)
    result = dssd("data", "synthesize", "somewhere")
    assert result.code == 130
    assert result.line == "dssd: interrupted; nothing finished is lost"
