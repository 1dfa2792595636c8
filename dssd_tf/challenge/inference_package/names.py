"""The names of a package: labels, and modules that Python can import."""

from collections.abc import Sequence
from dataclasses import dataclass

from dssd_tf.challenge.edition import Edition
from dssd_tf.challenge.label import Label, parse_label
from dssd_tf.errors import PackageError


@dataclass(frozen=True)
class PackageNames:
    """Names of one package.

    Attributes:
        labels: The label of each system, by number.
        package: The folder of modules; a system's module is this, ``_`` and its number.
    """

    labels: dict[int, Label]
    package: str

    def module(self, number: int) -> str:
        """The module of a system."""
        return f"{self.package}_{number}"


def package_names(team: str, numbers: Sequence[int], edition: Edition) -> PackageNames:
    """The names of a team's systems.

    Args:
        team: LastName_Institute.
        numbers: Those of the systems.
        edition: It states the task's part of the label and the most systems.

    Raises:
        PackageError: A part of the label is not allowed, a number is taken twice or too large,
            or the name would be none that Python can import.
    """
    task, most = edition.task_label.value, edition.systems.value
    if not numbers:
        raise PackageError("there is no system to write", fix="give at least one")
    labels: dict[int, Label] = {}
    for number in numbers:
        text = f"{team}_{task}_{number}"
        if number in labels:
            raise PackageError(f"two systems have the number {number}", fix="number them anew")
        try:
            labels[number] = parse_label(text, task, most)
        except ValueError as error:
            raise PackageError(
                f"label '{text}' {error}", fix="give the team as LastName_Institute"
            ) from error
    package = f"{team}_{task}".replace("-", "_")
    if not package.isidentifier():
        raise PackageError(
            f"'{package}' is no name of a Python module",
            fix="begin the last name with a letter",
        )
    return PackageNames(labels, package)
