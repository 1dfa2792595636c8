import ast
import sys

import pytest

from dssd_tf.challenge import load_edition
from dssd_tf.challenge.inference_package.names import package_names
from dssd_tf.challenge.inference_package.sources import render, rendered, runtime_sources


def test_the_runtime_imports_itself_and_nothing_of_this_package() -> None:
    found = runtime_sources("Doe_X_task1")
    assert "Doe_X_task1/runtime/system.py" in found
    imported = set()
    for content in found.values():
        for node in ast.walk(ast.parse(content)):
            if isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
            elif isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
    others = imported - set(sys.stdlib_module_names)
    assert "Doe_X_task1" in others
    assert not others & {"dssd_tf", "tensorflow", "keras", "librosa", "pydantic"}


def test_every_system_has_a_module_that_compiles() -> None:
    files = rendered(package_names("Doe_X", [1, 3], load_edition(2025)))
    assert {"Doe_X_task1/Doe_X_task1_1.py", "Doe_X_task1/Doe_X_task1_3.py"} <= set(files)
    for name, content in files.items():
        if name.endswith(".py"):
            compile(content, name, "exec")


def test_a_name_that_is_not_given_is_an_error() -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        render("system.py.j2")
