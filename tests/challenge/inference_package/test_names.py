"""Labels and the names of modules."""

import pytest

from dssd_tf.challenge import load_edition
from dssd_tf.challenge.inference_package.names import package_names
from dssd_tf.errors import PackageError


def test_hyphens_become_underscores_in_modules_only() -> None:
    names = package_names("Van-Doe_My-Lab", [2], load_edition(2025))
    assert names.package == "Van_Doe_My_Lab_task1"
    assert names.module(2) == "Van_Doe_My_Lab_task1_2"
    assert str(names.labels[2]) == "Van-Doe_My-Lab_task1_2"


@pytest.mark.parametrize(
    ("team", "numbers", "told"),
    [
        ("Doe", [1], "label 'Doe_task1_1' has 3 parts"),
        ("Doe_My.Lab", [1], r"part 'My\.Lab' is not"),
        ("Doe_../x", [1], "label 'Doe_"),
        ("Doe_Lab", [5], r"system number '5' is not in 1 … 4"),
        ("Doe_Lab", [0], "system number '0'"),
        ("Doe_Lab", [1, 1], "two systems have the number 1"),
        ("Doe_Lab", [], "there is no system to write"),
        ("3Doe_Lab", [1], "'3Doe_Lab_task1' is no name of a Python module"),
    ],
)
def test_what_makes_no_label(team: str, numbers: list[int], told: str) -> None:
    with pytest.raises(PackageError, match=told):
        package_names(team, numbers, load_edition(2025))
