from collections.abc import Callable
from typing import Any

import pytest

from dssd_tf.errors import RunError
from dssd_tf.files import read_json, write_json
from dssd_tf.pipeline import RunFolder, Workspace
from dssd_tf.pipeline.stages import package


@pytest.fixture
def unpackaged(run: RunFolder) -> RunFolder:
    for file in run.submission.iterdir():
        file.unlink()
    run.submission.rmdir()
    return run


def test_the_package_is_made_again_byte_for_byte(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    (before,) = run.submission.iterdir()
    content = before.read_bytes()
    before.unlink()
    remarks = package.package_run(run, changed_workspace())
    assert remarks[0] == str(before)
    assert remarks[-1] == "valid"
    assert before.read_bytes() == content


def test_a_model_of_a_device_is_packaged_with_its_general_one(
    unpackaged: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    workspace = changed_workspace(data={"train_devices": ["a"]}, challenge={"edition": 2025})
    (remark,) = package.package_run(unpackaged, workspace)
    assert remark.startswith("none: a model for a; join it with the general one")
    assert not unpackaged.submission.exists()


@pytest.mark.parametrize(
    ("challenge", "reason"),
    [
        ({"edition": None}, "none: the recipe names no challenge.edition"),
        ({"entry": None}, "none: the recipe names no challenge.entry"),
        (
            {"edition": None, "entry": None},
            "none: the recipe names no challenge.edition and no challenge.entry",
        ),
        ({"edition": 2024}, "none: 2024 takes one run a training split (5, 10, 25, 50, 100 %)"),
    ],
)
def test_no_package_is_told_with_its_reason(
    unpackaged: RunFolder,
    changed_workspace: Callable[..., Workspace],
    challenge: dict[str, Any],
    reason: str,
) -> None:
    (remark,) = package.package_run(unpackaged, changed_workspace(challenge=challenge))
    # What is behind a reason is how to mend it.
    assert remark == reason or remark.startswith(f"{reason};")
    assert not unpackaged.submission.exists()


def test_over_a_limit_there_is_no_package(
    unpackaged: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    complexity = read_json(unpackaged.complexity)
    write_json(unpackaged.complexity, {**complexity, "passed": False})
    remarks = package.package_run(unpackaged, changed_workspace())
    assert remarks == ["none: the model is over a limit of 2022"]
    assert not unpackaged.submission.exists()


def test_an_uncounted_run_names_the_command(
    unpackaged: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    unpackaged.complexity.unlink()
    with pytest.raises(RunError, match="dssd complexity"):
        package.package_run(unpackaged, changed_workspace())
