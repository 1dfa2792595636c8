import datetime
import os
from pathlib import Path

import pytest

from dssd_tf.machine import machine_line, processor


def test_the_line_tells_machine_day_and_threads() -> None:
    *names, cpus, day, threads, kind = machine_line("3 thread(s)").split(", ")
    assert ", ".join(names) == processor() != ""
    assert cpus == f"{os.cpu_count()} CPUs"
    assert abs(datetime.date.fromisoformat(day) - datetime.date.today()).days <= 1
    assert (threads, kind) == ("3 thread(s)", "medians")


@pytest.mark.parametrize("told", [None, "flags : fpu\n"], ids=["no file", "no name"])
def test_a_machine_without_a_name_is_named_by_python(
    monkeypatch: pytest.MonkeyPatch, told: str | None
) -> None:
    def read(*arguments: object, **options: object) -> str:
        if told is None:
            raise OSError
        return told

    monkeypatch.setattr(Path, "read_text", read)
    monkeypatch.setattr("platform.processor", lambda: "")
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert processor() == "riscv64"


def test_the_first_model_name_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "processor : 0\nmodel name\t: Some CPU: 3 GHz \n\nmodel name : Other\n"
    monkeypatch.setattr(Path, "read_text", lambda *arguments, **options: text)
    assert processor() == "Some CPU: 3 GHz"
