import configparser
import importlib.metadata
import re
from pathlib import Path

import dssd_tf
from dssd_tf import version


def test_setup_takes_the_version_from_the_package(repository: Path) -> None:
    setup = configparser.ConfigParser()
    setup.read(repository / "setup.cfg")
    kind, _, attribute = setup["metadata"]["version"].partition(":")
    assert kind == "attr"
    module, _, name = attribute.strip().rpartition(".")
    assert module == version.__name__
    assert getattr(version, name) == dssd_tf.__version__ == version.__version__


def test_installed_package_has_this_version() -> None:
    assert importlib.metadata.version("dssd_tf") == version.__version__


def test_version_has_three_numbers() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", version.__version__)
