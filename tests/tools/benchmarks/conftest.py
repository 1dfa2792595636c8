import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def run_tool(repository: Path) -> Iterator[Callable[[str], dict[str, Any]]]:
    """The names that a benchmark defines, which looks for its neighbours beside itself."""
    folder = repository / "tools" / "benchmarks"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield lambda name: runpy.run_path(str(folder / f"{name}.py"))
