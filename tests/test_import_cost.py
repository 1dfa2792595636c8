"""The package and the help of its commands load no heavy library."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

_HEAVY = ("tensorflow", "keras", "librosa", "pandas", "matplotlib", "ai_edge_litert")

_HELP = """
from dssd_tf.cli import main
try:
    main({arguments})
except SystemExit as end:
    assert not end.code
"""


_FAULTY = """
import pathlib
from dssd_tf.cli import main
recipe = pathlib.Path("recipes/demo/demo.yaml")
assert recipe.is_file()
typos = ["--set", "training.epohcs=3", "--set", "model.name=resnet", "--set", "seed=-1"]
assert main([*{command}, str(recipe), *typos]) == 2
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("import dssd_tf", ()),
        ("import dssd_tf; dssd_tf.challenge", ("pandas",)),
        (
            "from dssd_tf.pipeline import RunFolder; from dssd_tf.report import write_report",
            ("pandas",),
        ),
        ("import dssd_tf.pipeline.packaging", ("pandas",)),
        (_HELP.format(arguments=["--help"]), ()),
        (_HELP.format(arguments=["validate", "--help"]), ()),
        (_HELP.format(arguments=["run", "--help"]), ()),
        (_FAULTY.format(command=["recipe", "check"]), ("pandas",)),
        (_FAULTY.format(command=["run"]), ("pandas",)),
    ],
    ids=[
        "package",
        "challenge",
        "report",
        "packaging",
        "help",
        "validate-help",
        "run-help",
        "faulty-recipe",
        "faulty-run",
    ],
)
def test_nothing_heavy_is_imported(repository: Path, code: str, allowed: tuple[str, ...]) -> None:
    listing = f"\nimport json, sys; print(json.dumps([m for m in {_HEAVY!r} if m in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", code + listing],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout.splitlines()[-1])) <= set(allowed)
