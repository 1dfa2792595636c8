from collections.abc import Callable

import pytest

from dssd_tf.cli.parser import Parser


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["trian"], "dssd: error: unknown command 'trian', did you mean 'train'?"),
        (
            ["data", "prepar"],
            "dssd data: error: unknown action 'prepar', did you mean 'prepare'?",
        ),
        (["zzz"], "dssd: error: unknown command 'zzz'; those there are: dssd --help"),
    ],
)
def test_a_misspelt_command_is_answered_in_one_line(
    dssd: Callable, arguments: list[str], line: str
) -> None:
    result = dssd(*arguments)
    assert result.code == 2
    assert result.err.splitlines()[-1] == line


def test_other_choices_are_checked_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    parser = Parser(prog="tool")
    parser.add_argument("--method", choices=("ptq", "qat"))
    parser.add_subparsers(metavar="COMMAND").add_parser("go")
    assert parser.parse_args(["--method", "qat", "go"]).method == "qat"
    with pytest.raises(SystemExit):
        parser.parse_args(["--method", "qta"])
    assert "invalid choice: 'qta' (choose from 'ptq', 'qat')" in capsys.readouterr().err
