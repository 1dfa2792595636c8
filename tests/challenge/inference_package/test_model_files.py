import io
import json
from collections.abc import Callable

import numpy as np

from dssd_tf.challenge.inference_package import InferenceSystem
from dssd_tf.challenge.inference_package.model_files import model_files


def test_equal_models_are_stored_once(make_system: Callable[..., InferenceSystem]) -> None:
    system = make_system()
    made = model_files(system)
    assert made.stems == {"a": "a", "s1": "general"}
    stored = {name for name in made.files if name.endswith(".tflite")}
    assert stored == {"general.tflite", "a.tflite"}
    assert made.files["a.tflite"] == system.models["a"]
    settings = json.loads(made.files["system.json"])
    assert settings["models"] == made.stems
    assert settings["classes"] == list(system.classes)


def test_each_model_has_its_twin_or_a_reason(
    make_system: Callable[..., InferenceSystem], make_model: Callable[..., bytes]
) -> None:
    made = model_files(make_system(1, {None: make_model(1), "b": make_model(kind="unknown")}))
    assert list(made.without_twin) == ["b"]
    assert made.without_twin["b"] == "TILE"
    assert {"general.graph.json", "general.weights.npz"} <= set(made.files)
    assert not {"b.graph.json", "b.weights.npz"} & set(made.files)
    with np.load(io.BytesIO(made.files["general.weights.npz"])) as arrays:
        graph = json.loads(made.files["general.graph.json"])
        wanted = {f"weight_{o['weight']}" for o in graph["operators"] if "weight" in o}
        assert wanted <= set(arrays.files)
