import argparse

import pytest

from dssd_tf.cli.commands.bank.teacher_options import add_origin, add_overwrite


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    add_origin(parser, "the teacher")
    add_overwrite(parser)
    return parser


def test_without_them_nothing_is_known_and_nothing_replaced(
    parser: argparse.ArgumentParser,
) -> None:
    options = parser.parse_args([])
    assert (options.fold, options.split, options.overwrite) == (None, None, False)
    assert parser.parse_args(["--overwrite"]).overwrite


@pytest.mark.parametrize("part", ["fold", "split"])
def test_a_training_list_is_a_number(parser: argparse.ArgumentParser, part: str) -> None:
    assert getattr(parser.parse_args([f"--{part}", "3"]), part) == 3
    assert f"{part} the teacher was trained on" in parser.format_help()
    with pytest.raises(SystemExit):
        parser.parse_args([f"--{part}", "one"])


def test_a_teacher_has_one_training_list(
    parser: argparse.ArgumentParser, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parser.parse_args(["--fold", "1", "--split", "5"])
    assert "not allowed with argument --fold" in capsys.readouterr().err
