import pytest

from dssd_tf import errors
from dssd_tf.errors import DssdError, RecipeError, RecipeFaults


def test_message_has_place_then_problem_then_fix() -> None:
    error = DssdError("is sampled at 48000 Hz", path="a.wav", fix="resample it")
    assert str(error) == "a.wav: is sampled at 48000 Hz — resample it"


def test_place_and_fix_may_be_missing() -> None:
    assert str(DssdError("no data")) == "no data"
    assert str(DssdError("no data", fix="give some")) == "no data — give some"
    assert str(DssdError("is empty", path="x")) == "x: is empty"


@pytest.mark.parametrize(
    "name", ["RecipeError", "DataError", "ModelError", "RunError", "PackageError"]
)
def test_every_kind_is_caught_as_the_common_one_with_exit_code_two(name: str) -> None:
    with pytest.raises(DssdError, match="broken") as caught:
        raise getattr(errors, name)("broken", path="p")
    assert caught.value.exit_code == 2
    assert caught.value.path == "p"


def test_several_faults_are_a_line_each() -> None:
    faults = RecipeFaults([RecipeError("a: bad", path="r"), RecipeError("b: odd", fix="mend it")])
    assert faults.lines == ("r: a: bad", "b: odd — mend it")
    assert str(faults) == "r: a: bad\nb: odd — mend it"
    assert (faults.problem, faults.path) == ("a: bad; b: odd", "r")
    assert DssdError("no data", path="x").lines == ("x: no data",)
