import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dssd_tf.deployment.c_source import c_float, c_rows, c_string, header, source


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float_reads_back_as_itself(value: float) -> None:
    text = c_float(value)
    assert re.fullmatch(r"-?\d(\.\d+)?e[+-]\d+f", text)
    assert np.float32(text[:-1]) == np.float32(value)


def test_strings_and_arrays_mean_the_same_to_a_compiler(
    build: Callable[..., Path], tmp_path: Path
) -> None:
    words = ['say "a\\b"', "Straße 12", "é9", "tab\there", ""]
    values = np.array([[-128, 127, 0], [1, -2, 3]], np.int8)
    body = f"const char* const kWords[] = {{{', '.join(map(c_string, words))}}};\n"
    body += f"const signed char kRows[2][3] = {{\n{c_rows(values)}\n}};"
    (tmp_path / "words.h").write_text(header("words.h", body, "<cstdio>", comment="Two\nlines."))
    (tmp_path / "words.cc").write_text(
        source("inline int unused() { return 0; }", '"words.h"')
        + 'int main() {\n  for (auto* w : dssd::kWords) std::printf("%s\\n", w);\n'
        '  for (auto& r : dssd::kRows) std::printf("%d %d %d\\n", r[0], r[1], r[2]);\n}\n'
    )
    done = subprocess.run([build([tmp_path / "words.cc"])], capture_output=True, check=True)
    lines = done.stdout.decode().split("\n")
    assert lines == [*words, "-128 127 0", "1 -2 3", ""]


@pytest.mark.parametrize("size", [1, 96, 1000])
def test_lines_stay_short(size: int) -> None:
    rows = c_rows(np.random.default_rng(0).normal(size=size).astype(np.float32))
    assert max(map(len, rows.splitlines())) <= 100
    assert rows.count("f,") == size


def test_a_header_has_a_guard_of_its_own() -> None:
    text = header("model_data.h", "int a;", comment="What it is.")
    assert text.startswith("// What it is.\n#ifndef DSSD_MODEL_DATA_H_\n#define DSSD_MODEL_DATA_H_")
    assert text.endswith("#endif  // DSSD_MODEL_DATA_H_\n")
