import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dssd_tf.challenge.inference_package.runtime.counting import count_graph
from dssd_tf.challenge.inference_package.runtime.errors import InferenceError

GRAPH: dict[str, Any] = {
    "tensors": [{"shape": [1, 8, 6, 4]}, {"shape": [1, 10]}],
    "operators": [
        {"kind": "CONV_2D", "output": 0, "weight": 0, "bias": 1},
        {"kind": "RELU", "output": 0},
        {"kind": "FULLY_CONNECTED", "output": 1, "weight": 2, "bias": None},
    ],
}


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write(kind: str = "int8") -> tuple[Path, Path]:
        graph, weights = tmp_path / "x.graph.json", tmp_path / "x.weights.npz"
        graph.write_text(json.dumps(GRAPH))
        arrays = {
            "weight_0": np.zeros((4, 2, 3, 3), kind),
            "weight_1": np.zeros(4, np.int32),
            "weight_2": np.zeros((10, 4), kind),
            "scale_0": np.ones(4, np.float32),
        }
        np.savez(weights, **arrays)
        return graph, weights

    return write


def test_convolutions_count_at_each_position_and_dense_layers_once(write: Any) -> None:
    count = count_graph(*write())
    assert count.macs == (4 * 2 * 3 * 3 + 4) * 8 * 6 + 10 * 4
    assert count.size_bytes == 72 + 4 * 4 + 40
    assert count.uncounted == ()
    assert count_graph(*write("float16")).size_bytes == 2 * 72 + 4 * 4 + 2 * 40


def test_what_cannot_be_counted_is_named(write: Any) -> None:
    with pytest.raises(InferenceError, match="weight_0 is int16"):
        count_graph(*write("int16"))
    graph, weights = write()
    graph.write_text("{")
    with pytest.raises(InferenceError, match=r"x\.graph\.json: is not a readable twin"):
        count_graph(graph, weights)
