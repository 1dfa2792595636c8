import subprocess
import sys

import pytest

_PROGRAM = """
import resource, sys
from dssd_tf.native_memory import keep_freed_memory
told = keep_freed_memory() if sys.argv[1] == "keep" else None
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(2):
    bytes(100_000_000)
start = faults()
for _ in range(5):
    bytearray(b"x") * 100_000_000
print(told, faults() - start)
"""


def _run(mode: str) -> tuple[str, int]:
    command = [sys.executable, "-c", _PROGRAM, mode]
    told, count = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return told, int(count)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc only")
def test_freed_memory_is_used_again_without_new_pages() -> None:
    told, kept = _run("keep")
    if told == "False":
        pytest.skip("the C library is not glibc")
    _, returned = _run("default")
    assert returned > 10_000  # 5 times 100 MB, in pages
    assert kept < returned / 5
