"""The folder as a whole, built and run by a compiler."""

import dataclasses
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import keras
import pytest

from dssd_tf.deployment import FrontEnd, bundle, write_mcu_bundle
from dssd_tf.deployment.readme import PURPOSES
from dssd_tf.errors import DssdError, ModelError
from dssd_tf.features import LogMelConfig
from dssd_tf.files import read_json

CLASSES = ("bus", "metro", "tram")
DOUBLE = Path(__file__).parent / "tflm_double"


@pytest.fixture
def written(model_file: Path, front_end: FrontEnd, tmp_path: Path, without_tflm: None) -> Path:
    write_mcu_bundle(model_file, tmp_path / "mcu", classes=CLASSES, front_end=front_end, vectors=2)
    return tmp_path / "mcu"


def test_it_holds_every_file(written: Path, model_file: Path) -> None:
    assert {path.name for path in written.iterdir()} == set(PURPOSES)
    manifest = read_json(written / "bundle.json")
    assert manifest["model"]["bytes"] == model_file.stat().st_size
    assert manifest["classes"] == list(CLASSES)
    assert manifest["arena_measured"] is None
    assert manifest["golden"]["count"] == 2
    assert manifest["front_end"]["config"]["n_fft"] == 256
    assert "model_int8.tflite" in (written / "README.md").read_text()
    assert sorted(p.name for p in written.parent.iterdir()) == ["mcu"]


def test_the_front_end_gives_the_first_golden_input(
    build: Callable[..., Path], written: Path
) -> None:
    program = build(sorted(written.glob("front_end*.cc")), standard="c++11")
    done = subprocess.run([program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    differ = re.match(r"front end: (\d+) of 768 features differ", done.stdout)
    assert differ is not None
    assert int(differ[1]) <= 2


def test_a_wrong_front_end_is_told(build: Callable[..., Path], written: Path) -> None:
    tables = written / "front_end_tables.h"
    text = tables.read_text()
    tables.write_text(text.replace("kHopLength = 128", "kHopLength = 120"))
    program = build(sorted(written.glob("front_end*.cc")))
    assert subprocess.run([program], capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize("place", [(), ("-DDOUBLE_MICRO",)], ids=["tflite", "tflite_micro"])
@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ((), 0, "2 golden vectors, 0 different"),
        (("-DDOUBLE_ERROR=4",), 1, "2 golden vectors, 1 different"),
        (("-DDOUBLE_ARENA=100000000",), 2, "AllocateTensors failed"),
    ],
    ids=["equal", "different", "small_arena"],
)
def test_the_host_program_compares(
    build: Callable[..., Path],
    written: Path,
    place: tuple[str, ...],
    options: tuple[str, ...],
    code: int,
    told: str,
) -> None:
    """Against a double of the runtime's interface: no sources of the real one are at hand."""
    sources = [written / "main.cc", written / "model_data.cc"]
    program = build(sources, f"-I{DOUBLE}", f"-I{written}", *place, *options)
    done = subprocess.run([program], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert told in done.stdout + done.stderr


def _run(*command: object) -> tuple[int, str]:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.fixture
def cmake() -> Callable[..., tuple[int, str]]:
    """Configure, and if that works build and test: (exit code, all that was printed)."""
    if shutil.which("cmake") is None or shutil.which("g++") is None:
        pytest.skip("needs cmake and a C++ compiler")

    def go(source: Path, target: Path, *options: str) -> tuple[int, str]:
        code, text = _run("cmake", "-S", source, "-B", target, *options)
        if code == 0:
            code, more = _run("cmake", "--build", target)
            text += more
        if code == 0:
            code, more = _run("ctest", "--test-dir", target)
            text += more
        return code, text

    return go


@pytest.mark.slow
def test_cmake_without_the_runtime(cmake: Callable, written: Path, tmp_path: Path) -> None:
    code, text = cmake(written, tmp_path / "build")
    assert code == 0
    assert "model_check is left out" in text
    assert "100% tests passed, 0 tests failed out of 1" in text


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["checkout", "tree"])
def test_cmake_with_a_double_of_the_runtime(
    cmake: Callable, written: Path, tmp_path: Path, kind: str
) -> None:
    runtime = shutil.copytree(DOUBLE, tmp_path / "runtime")
    library = runtime / "gen" / "linux_x86_64" / "lib" / "libtensorflow-microlite.a"
    if kind == "checkout":
        (tmp_path / "nothing.c").write_text("int nothing;\n")
        _run("gcc", "-c", tmp_path / "nothing.c", "-o", tmp_path / "nothing.o")
        library.parent.mkdir(parents=True)
        assert _run("ar", "rc", library, tmp_path / "nothing.o")[0] == 0
    else:
        (runtime / "third_party" / "flatbuffers").mkdir(parents=True)
        (runtime / "tensorflow" / "nothing.cc").write_text("int nothing;\n")
    options = (f"-DTFLM_DIR={runtime}", f"-DCMAKE_CXX_FLAGS=-I{written}")
    code, text = cmake(written, tmp_path / "build", *options)
    assert code == 0, text
    assert "100% tests passed, 0 tests failed out of 2" in text


@pytest.mark.slow
def test_cmake_refuses_what_is_no_runtime(cmake: Callable, written: Path, tmp_path: Path) -> None:
    code, text = cmake(written, tmp_path / "a", f"-DTFLM_DIR={tmp_path}")
    assert code == 1
    assert "holds no tensorflow/lite/micro/micro_interpreter.h" in text
    code, text = cmake(written, tmp_path / "b", f"-DTFLM_DIR={DOUBLE}")
    assert code == 1
    assert "holds neither gen/*/lib/libtensorflow-microlite.a nor" in text


def test_without_a_front_end(model_file: Path, tmp_path: Path, without_tflm: None) -> None:
    manifest = write_mcu_bundle(model_file, tmp_path / "mcu")
    assert manifest["classes"] == ["class_0", "class_1", "class_2"]
    assert manifest["front_end"] is None
    names = {path.name for path in (tmp_path / "mcu").iterdir()}
    assert not {name for name in names if "front_end" in name or "audio" in name}
    assert {"main.cc", "model_data.cc", "golden_input.h"} <= names


def test_a_transform_that_is_no_power_of_two(
    convert: Callable[..., Path], tmp_path: Path, without_tflm: None
) -> None:
    config = LogMelConfig(
        sampling_rate=8000, n_fft=240, win_length=240, hop_length=1000, n_mels=4, deltas=False
    )
    front_end = FrontEnd(config, 1.0)
    inputs = keras.Input((front_end.frames, 4, 1))
    outputs = keras.layers.Dense(2)(keras.layers.Flatten()(inputs))
    path = convert(keras.Model(inputs, outputs), tmp_path / "m.tflite")
    manifest = write_mcu_bundle(path, tmp_path / "mcu", front_end=front_end)
    assert manifest["front_end"]["sources"] is False
    assert not list((tmp_path / "mcu").glob("*front_end*"))
    assert "no power of two" in (tmp_path / "mcu" / "README.md").read_text()


def test_classes_and_front_end_must_fit(
    model_file: Path, front_end: FrontEnd, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="has 3 outputs for 2 classes"):
        write_mcu_bundle(model_file, tmp_path / "mcu", classes=("bus", "tram"))
    with pytest.raises(ModelError, match="takes features of shape"):
        other = FrontEnd(front_end.config, 0.7)
        write_mcu_bundle(model_file, tmp_path / "mcu", front_end=other)
    assert not (tmp_path / "mcu").exists()


def test_an_operator_that_the_device_lacks(
    model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = bundle.read_int8_model
    changed = dataclasses.replace(read(model_file), operators=("ADD", "GELU"))
    monkeypatch.setattr(bundle, "read_int8_model", lambda path: changed)
    with pytest.raises(ModelError, match=r"model_int8\.tflite: .* does not have: GELU"):
        write_mcu_bundle(model_file, tmp_path / "mcu")


def test_a_failure_leaves_nothing(
    model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_tflm: None
) -> None:
    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(DssdError, match="could not be written"):
        write_mcu_bundle(model_file, tmp_path / "mcu")
    assert list(tmp_path.iterdir()) == []


def test_what_stands_there_is_kept(
    written: Path, model_file: Path, tmp_path: Path, without_tflm: None
) -> None:
    with pytest.raises(DssdError, match="holds a bundle — give --overwrite"):
        write_mcu_bundle(model_file, written)
    (written / "build").mkdir()
    (written / "build" / "CMakeCache.txt").touch()
    write_mcu_bundle(model_file, written, overwrite=True)
    assert not (written / "front_end.cc").exists()
    (written / "mine.cc").touch()
    with pytest.raises(DssdError, match=r"no part of a bundle \(mine\.cc\)"):
        write_mcu_bundle(model_file, written, overwrite=True)
    other = tmp_path / "other"
    other.mkdir()
    write_mcu_bundle(model_file, other)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").touch()
    with pytest.raises(DssdError, match="exists and is no bundle"):
        write_mcu_bundle(model_file, tmp_path / "notes", overwrite=True)


def test_a_file_in_the_way(model_file: Path, tmp_path: Path) -> None:
    (tmp_path / "mcu").touch()
    with pytest.raises(DssdError, match="exists and is no bundle"):
        write_mcu_bundle(model_file, tmp_path / "mcu", overwrite=True)
