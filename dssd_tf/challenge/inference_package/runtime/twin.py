"""A torch module that computes what the deployed model computes, from its graph and weights."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dssd_tf.challenge.inference_package.runtime.errors import InferenceError
from dssd_tf.challenge.inference_package.runtime.grid import Grid
from dssd_tf.challenge.inference_package.runtime.system_files import SystemFiles
from dssd_tf.challenge.inference_package.runtime.twin_functions import FUNCTIONS
from dssd_tf.challenge.inference_package.runtime.twin_layers import (
    ConstantOperation,
    Conv2d,
    Linear,
)

_CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")


class Twin(nn.Module):
    """One deployed model in torch.

    Input: features (1, time, frequency, channels) as float, the .tflite file's own shape.
    Output: logits (1, classes).

    Args:
        graph: What ``graph.json`` holds.
        arrays: What ``weights.npz`` holds: ``weight_N`` and ``scale_N`` of tensor N.
        classes: Number of classes; outputs behind them are cut off.
    """

    def __init__(self, graph: dict[str, Any], arrays: dict[str, np.ndarray], classes: int):
        super().__init__()
        self._graph, self._classes = graph, classes
        self._grids = [Grid.of(tensor) for tensor in graph["tensors"]]
        # A constant that several operators read is one parameter.
        constants = {
            int(name.removeprefix("weight_")): nn.Parameter(
                torch.from_numpy(array), requires_grad=False
            )
            for name, array in arrays.items()
            if name.startswith("weight_")
        }
        self.layers = nn.ModuleDict(
            {
                str(number): self._layer(operator, constants, arrays)
                for number, operator in enumerate(graph["operators"])
                if "weight" in operator
            }
        )

    def forward(self, features: Tensor) -> Tensor:
        """See the class."""
        source, target = self._graph["input"], self._graph["output"]
        values = {source: self._stored(features)}
        for number, operator in enumerate(self._graph["operators"]):
            inputs = [values[index] for index in operator["inputs"]]
            output = operator["output"]
            if "weight" in operator:
                result = self.layers[str(number)](inputs[0])
                channels_first = operator["kind"] in _CONVOLUTIONS
                values[output] = result.permute(0, 2, 3, 1) if channels_first else result
            else:
                grids = [self._grids[index] for index in operator["inputs"]]
                function = FUNCTIONS[operator["kind"]]
                values[output] = function(inputs, grids, self._grids[output], operator["options"])
            for index in operator["last_use"]:
                del values[index]
        return self._grids[target].real(values[target])[:, : self._classes]

    def _stored(self, features: Tensor) -> Tensor:
        grid = self._grids[self._graph["input"]]
        values = features.to(torch.float32)
        if not grid.rounds:
            return values
        stored = torch.round(values / grid.scale + grid.zero_point)
        return torch.clamp(stored, grid.low, grid.high)

    def _layer(
        self,
        operator: dict[str, Any],
        constants: dict[int, nn.Parameter],
        arrays: dict[str, np.ndarray],
    ) -> nn.Module:
        options, index = operator["options"], operator["weight"]
        source, target = self._grids[operator["inputs"][0]], self._grids[operator["output"]]
        if operator["kind"] == "CONSTANT":
            constant = self._grids[index]
            return ConstantOperation(options, constants[index], constant, source, target)
        kind: Callable[..., nn.Module] = Conv2d if operator["kind"] in _CONVOLUTIONS else Linear
        bias = operator["bias"]
        scale = torch.from_numpy(arrays.get(f"scale_{index}", np.ones(1, np.float32)))
        return kind(
            options,
            constants[index],
            None if bias is None else constants[bias],
            scale,
            source,
            target,
        )


class TwinModels(nn.Module):
    """The twins of a system, by device: what `load_model` gives where torch is installed.

    Args:
        files: The system's files; every model has a twin.
    """

    def __init__(self, files: SystemFiles):
        super().__init__()
        self.files = files
        classes = len(files.classes)
        twins = {stem: read_twin(files, stem, classes) for stem in files.all_stems}
        self.models = nn.ModuleDict(twins)
        self.eval()

    def for_device(self, device_id: Any) -> Twin:
        """The model of a device, or the general one."""
        return self.models[self.files.stem(device_id)]  # type: ignore[return-value]


class TwinRunner:
    """Runs a twin on arrays, clip by clip.

    Args:
        twin: The twin.
        cuda: Whether it runs on the GPU.
    """

    def __init__(self, twin: Twin, cuda: bool):
        self._device = torch.device("cuda" if cuda else "cpu")
        self._twin = twin.to(self._device)

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Logits (clips, classes) of `features` (clips, time, frequency, channels)."""
        with torch.inference_mode():
            clips = torch.from_numpy(features).to(self._device)
            logits = [self._twin(clip[None])[0] for clip in clips]
            return np.asarray(torch.stack(logits).cpu())


def read_twin(files: SystemFiles, stem: str, classes: int) -> Twin:
    """The twin of one model of a system.

    Raises:
        InferenceError: Its files are missing or damaged.
    """
    path: Path = files.graph(stem)
    try:
        graph = json.loads(path.read_text(encoding="utf-8"))
        with np.load(files.weights(stem)) as arrays:
            return Twin(graph, dict(arrays), classes)
    except (OSError, KeyError, ValueError) as error:
        raise InferenceError(
            f"is not a readable twin ({error})", path=path, fix="unpack the package again"
        ) from error
