import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from dssd_tf.cli import main


@dataclass(frozen=True)
class Result:
    """What a command gave."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The error, which must be the last and only line of its kind."""
        errors = [line for line in self.err.splitlines() if line.startswith("dssd: ")]
        assert len(errors) == 1, self.err
        assert self.err.splitlines()[-1] == errors[0], self.err
        assert "Traceback" not in self.err
        return errors[0]


@pytest.fixture
def dssd(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Run a command line in this process."""

    def run(*arguments: object) -> Result:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


@pytest.fixture
def small_recipe(write_recipe: Callable[..., Path], small_network: str) -> Path:
    """A recipe that trains a small network for one epoch."""
    return write_recipe(
        model={"name": small_network, "options": {}}, training={"epochs": 1, "batch_size": 8}
    )


@pytest.fixture
def copied_set(synthetic_set: Path, tmp_path: Path) -> Path:
    """A copy of the synthetic set that a test may damage."""
    return Path(shutil.copytree(synthetic_set, tmp_path / "set"))
