import pytest

from dssd_tf.challenge import load_edition
from dssd_tf.challenge.members import Member
from dssd_tf.challenge.validate_root import find_root, is_junk

LABEL = "Doe_EXAMPLE_task1_1"
FILES = [f"{LABEL}/{LABEL}.meta.yaml", f"{LABEL}/{LABEL}.output.csv"]


def _find(year: int, *names: str) -> tuple[str, list[str]]:
    root, faults = find_root([Member(name, 1) for name in names], load_edition(year))
    return root, [fault.message for fault in faults]


@pytest.mark.parametrize(
    ("year", "root"), [(2022, "task1/"), (2024, "task1/"), (2021, "any/task1/")]
)
def test_the_right_place(year: int, root: str) -> None:
    assert _find(year, *[root + name for name in FILES]) == (root, [])


@pytest.mark.parametrize(
    ("year", "root"),
    [
        (2022, ""),
        (2022, "Task1/"),
        (2022, "any/task1/"),
        (2022, "a/b/task1/"),
        (2021, "task1/"),
        (2021, ""),
        (2021, "a/b/task1/"),
    ],
)
def test_a_wrong_place_is_told_and_taken(year: int, root: str) -> None:
    found, messages = _find(year, *[root + name for name in FILES])
    assert found == root
    (message,) = messages
    assert message.startswith(f"the systems lie in {root or 'no folder'}, not in ")


def test_the_right_place_is_preferred_to_a_fuller_one() -> None:
    more = [f"copy/task1/{name}" for name in (*FILES, "x/y.meta.yaml")]
    assert _find(2022, *more, *[f"task1/{name}" for name in FILES]) == ("task1/", [])


def test_what_operating_systems_leave_is_no_place() -> None:
    names = [f"__MACOSX/task1/{name}" for name in FILES]
    assert _find(2021, *names) == ("task1/", [])
    assert _find(2021, *names, *[f"my/task1/{name}" for name in FILES]) == ("my/task1/", [])


@pytest.mark.parametrize("names", [[], ["notes.txt"], ["task1/x.meta.yaml"], ["task1/r.pdf"]])
def test_without_systems_it_is_where_they_should_be(names: list[str]) -> None:
    assert _find(2022, *names) == ("task1/", [])


def test_without_systems_the_folder_around_is_the_first_there_is() -> None:
    assert _find(2021, "my/task1/r.pdf") == ("my/task1/", [])
    assert _find(2021, ".DS_Store", "my/r.pdf") == ("task1/", [])


@pytest.mark.parametrize(
    ("name", "junk"),
    [(".DS_Store", True), ("._x", True), ("__MACOSX", True), ("_x", False), ("x.csv", False)],
)
def test_junk(name: str, junk: bool) -> None:
    assert is_junk(name) is junk
