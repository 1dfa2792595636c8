"""What the texts tell to type is accepted, and Python in them runs."""

import argparse
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dssd_tf.cli.main import build_parser

_CONTINUED = re.compile(r"[ \t]*\\\n\s*")
# A command begins a line, or stands behind `do` or a pipe; comments, pipes and the like end it, and
# so do several spaces, behind which a help text explains it.
_COMMAND = re.compile(
    r"(?:^|\bdo\b|\||&&|;)\s*(dssd\s.*?)(?=\s\s|\s#|\s\||\s>|\s&&|;|\)|$)", re.MULTILINE
)


def commands(text: str) -> list[list[str]]:
    """The `dssd` commands of a shell text as lists of words, braces expanded."""
    found = []
    for command in _COMMAND.findall(_CONTINUED.sub(" ", text)):
        script = f"set -f; printf '%s\\0' {command}"
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
        found.append(done.stdout.split("\0")[1:-1])
    return found


def _assert_accepted(words: list[str], where: Any, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        build_parser().parse_args(words)
    except SystemExit as stop:
        told = capsys.readouterr()
        assert stop.code == 0, f"{where}: dssd {shlex.join(words)}: {told.err}"


def test_commands_are_found_whole() -> None:
    text = (
        "x | dssd predict a - \\\n  --rate 8 # why\nfor n in 1; do dssd run b; done\ndssd c {d,e}\n"
    )
    assert commands(text) == [["predict", "a", "-", "--rate", "8"], ["run", "b"], ["c", "d", "e"]]


def test_commands_in_the_texts_are_accepted(
    page: Path, page_blocks: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    for block in page_blocks:
        if block.info == "sh":
            for words in commands(block.text):
                _assert_accepted(words, page, capsys)


def _subcommands(parser: argparse.ArgumentParser, name: str = "dssd") -> dict[str, Any]:
    """Every command's parser by its name; those with actions of their own by these too."""
    found = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, inner in action.choices.items():
                found |= {f"{name} {word}": inner, **_subcommands(inner, f"{name} {word}")}
    return found


SUBCOMMANDS = _subcommands(build_parser())


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_command_has_an_example_of_itself_that_is_accepted(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = name.split()
    own = [" ".join(words[:length]) for length in range(2, len(words) + 1)]
    examples = [found for known in own for found in commands(SUBCOMMANDS[known].epilog or "")]
    assert any(["dssd", *example][: len(words)] == words for example in examples), name
    for example in examples:
        _assert_accepted(example, name, capsys)
    with pytest.raises(SystemExit) as stop:
        build_parser().parse_args([*name.split()[1:], "--help"])
    assert stop.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: {name}")


@pytest.mark.slow
def test_python_in_the_texts_runs(page: Path, page_blocks: list[Any]) -> None:
    """The blocks of a page one after the other; a block marked `skip` needs what is not there."""
    names: dict[str, Any] = {}
    for block in page_blocks:
        if block.info == "python":
            exec(compile(block.text, str(page), "exec"), names)
