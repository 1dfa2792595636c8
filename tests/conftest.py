"""What the tests of several rooms share: a small synthetic set, a fast recipe, a finished run."""

import contextlib
import hashlib
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def synthetic_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten scenes, two training recordings each, so that one can be held out.

    Two devices a test recording are as many as it takes for all nine to occur.
    """
    from dssd_tf.data.synthesis import SynthesisSize, synthesize
    from dssd_tf.data.synthesis.size import FoldSize

    root = tmp_path_factory.mktemp("data") / "set"
    one = FoldSize(locations=1, segments=1, devices=1)
    train = FoldSize(locations=2, segments=1, devices=1)
    test = FoldSize(locations=1, segments=1, devices=2)
    size = SynthesisSize(cities=1, clips=1, train=train, test=test, evaluation=one)
    synthesize(root, size=size)
    return root


@pytest.fixture(scope="session")
def fast_values() -> dict[str, Any]:
    """The keys of a recipe that runs in seconds."""
    return {
        "name": "fast",
        "data": {"evaluation": "evaluation", "synthetic": True, "validation_fraction": 0.3},
        "features": {"n_fft": 1024, "win_length": 1024, "hop_length": 4096, "n_mels": 32},
        "augmentation": [{"name": "mixup", "alpha": 0.2}],
        "model": {"name": "dsmn_s", "options": {"pattern": "SF", "widths": [8, 8]}},
        "training": {"epochs": 2, "batch_size": 8},
        "quantization": {"calibration_clips": 16},
        "challenge": {
            "edition": 2022,
            "entry": str(REPOSITORY / "submissions" / "example" / "entry.yaml"),
        },
    }


@pytest.fixture(scope="session")
def small_network() -> str:
    """The name of a network that compiles in a second, registered for the tests."""
    import keras

    from dssd_tf.models import list_models
    from dssd_tf.models.registry import register

    def build(*, input_shape: Any, classes: int, name: str, width: int = 4) -> keras.Model:
        inputs = keras.Input(input_shape)
        x = keras.layers.Conv2D(width, 3, strides=2, activation="relu")(inputs)
        x = keras.layers.Dropout(0.2)(x)
        x = keras.layers.GlobalAveragePooling2D()(x)
        return keras.Model(inputs, keras.layers.Dense(classes)(x), name=name)

    if "small_for_tests" not in list_models():
        register("small_for_tests", build, "one convolution, for tests")
    return "small_for_tests"


@pytest.fixture
def write_recipe(tmp_path: Path, fast_values: dict[str, Any]) -> Callable[..., Path]:
    """Write the fast recipe with some sections changed: `write_recipe(training={...})`."""

    def write(name: str = "recipe.yaml", **sections: Any) -> Path:
        values = json.loads(json.dumps(fast_values))
        for key, value in sections.items():
            both = isinstance(value, dict) and isinstance(values.get(key), dict)
            values[key] = {**values[key], **value} if both else value
        path = tmp_path / name
        path.write_text(yaml.safe_dump(values), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def finished_run(
    tmp_path_factory: pytest.TempPathFactory, synthetic_set: Path, fast_values: dict[str, Any]
) -> Path:
    """The folder of a whole run; read it, copy it, but do not write to it."""
    from dssd_tf.pipeline import run_recipe
    from dssd_tf.recipe import Recipe

    values = {**fast_values, "data": {**fast_values["data"], "root": str(synthetic_set)}}
    out = tmp_path_factory.mktemp("finished") / "run"
    run_recipe(Recipe.model_validate(values), out)
    return out


@pytest.fixture
def copied_run(finished_run: Path, tmp_path: Path) -> Path:
    """A copy of the finished run that a test may change."""
    return Path(shutil.copytree(finished_run, tmp_path / "copied"))


class ArchiveServer:
    """An archive on this machine: a record and its files, and what goes wrong with them.

    `behaviours[name]` is a queue with one entry for each coming request of that file: `cut:N`
    ends the connection after N bytes, `status:N` answers so, `slow` sends a little at a time,
    `long:N` claims N bytes, `no-range` sends all of it whatever was asked for, `ok` is
    well-behaved, as is a file whose queue is empty.
    """

    record = 123

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.md5: dict[str, str] = {}
        self.behaviours: dict[str, list[str]] = {}
        self.requests: list[tuple[str, str]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.answer(self)

            def log_message(self, *arguments: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def fetched(self) -> list[tuple[str, str]]:
        """(file name, range asked for) of each request but those of the record."""
        return [request for request in self.requests if request[0] != str(self.record)]

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path.removesuffix("/content")
        name, wanted = path.rsplit("/", 1)[1], request.headers.get("Range", "")
        self.requests.append((name, wanted))
        waiting = self.behaviours.get(name)
        behaviour, _, number = (waiting.pop(0) if waiting else "ok").partition(":")
        body = self._record() if name == str(self.record) else self.files.get(name)
        if body is None or behaviour == "status":
            request.send_response(404 if body is None else int(number))
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        start = int(wanted[6:-1]) if wanted and behaviour != "no-range" else 0
        request.send_response(206 if start else 200)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        length = int(number) if behaviour == "long" else len(body) - start
        request.send_header("Content-Length", str(length))
        request.end_headers()
        sent = body[start : start + int(number)] if behaviour == "cut" else body[start:]
        step = len(sent) // 100 + 1 if behaviour == "slow" else len(sent) or 1
        # A client that was killed is no fault of the server.
        with contextlib.suppress(ConnectionError):
            for position in range(0, len(sent), step):
                request.wfile.write(sent[position : position + step])
                if behaviour == "slow":
                    time.sleep(0.02)
        request.close_connection = True

    def _record(self) -> bytes:
        home = f"https://zenodo.org/api/records/{self.record}/files"
        files = [
            {
                "key": name,
                "size": len(body),
                "checksum": "md5:" + self.md5.get(name, hashlib.md5(body).hexdigest()),
                "links": {"self": f"{home}/{name}/content"},
            }
            for name, body in self.files.items()
        ]
        return json.dumps({"files": files}).encode()


@pytest.fixture
def archive_server() -> Iterator[ArchiveServer]:
    """An archive without files, on loopback."""
    server = ArchiveServer()
    thread = threading.Thread(target=server.http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture(scope="session")
def make_dsmn_state() -> Callable[..., tuple[Any, dict[str, Any]]]:
    """A narrow DSMN, and its weights by the reference's names and axes."""
    import keras
    import numpy as np

    from dssd_tf.models import create_model
    from dssd_tf.models.dsmn_weights import _mapping

    def make(classes: int = 13) -> tuple[Any, dict[str, Any]]:
        keras.utils.set_random_seed(8)
        model = create_model("dsmn_s", pattern="FS", widths=(8, 8), classes=classes)
        state = {
            name: np.transpose(variable.numpy(), np.argsort(axes))
            for name, variable, axes in _mapping(model)
        }
        return model, state

    return make


@pytest.fixture
def metered(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Put a codecarbon in place that has a processor of the given mode, or none."""
    import importlib.machinery
    import sys
    from types import ModuleType, SimpleNamespace

    def place(mode: str | None) -> list[Any]:
        trackers: list[Any] = []

        class CPU:
            _mode = mode

        class OfflineEmissionsTracker:
            def __init__(self, **settings: Any):
                self.parts = SimpleNamespace(
                    energy_consumed=0.6, cpu_energy=0.3, gpu_energy=0.2, ram_energy=0.1
                )
                self._hardware = [] if mode is None else [CPU()]
                self.stopped = False
                trackers.append(self)

            def start(self) -> None:
                """Begin."""

            def stop(self) -> None:
                self.stopped, self.final_emissions_data = True, self.parts

        module = ModuleType("codecarbon")
        module.__spec__ = importlib.machinery.ModuleSpec("codecarbon", None)
        module.OfflineEmissionsTracker = OfflineEmissionsTracker  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "codecarbon", module)
        return trackers

    return place
