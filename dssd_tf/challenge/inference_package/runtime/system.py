"""The four functions that the challenge calls."""

import collections
import importlib.util
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.challenge.inference_package.runtime.audio import ClipReader
from dssd_tf.challenge.inference_package.runtime.errors import InferenceError
from dssd_tf.challenge.inference_package.runtime.litert_model import (
    LiteRTModel,
    LiteRTModels,
    has_litert,
)
from dssd_tf.challenge.inference_package.runtime.progress import track
from dssd_tf.challenge.inference_package.runtime.system_files import SystemFiles, open_system

Runner = Callable[[NDArray[np.float32]], NDArray[np.float32]]

# Clips that are read ahead: hundreds of thousands of features must not fill the memory.
_AHEAD = 64


def has_torch() -> bool:
    """Whether torch is installed."""
    return importlib.util.find_spec("torch") is not None


class System:
    """One system of the package.

    Where torch is installed and every model has a torch twin, `load_model` gives a
    ``torch.nn.Module`` and all arrays are tensors; else they are NumPy's, and the models run by
    LiteRT.

    Args:
        folder: Holds the system's models and front end.
    """

    def __init__(self, folder: Path):
        self._folder = folder

    def load_model(self, model_file_path: Path | str | None = None) -> Any:
        """The models of all devices.

        Args:
            model_file_path: None for the package's own; another folder of the same layout; or
                one .tflite file for all devices.

        Raises:
            InferenceError: A file is missing or damaged.
        """
        files = open_system(self._folder, model_file_path)
        if not has_torch():
            return LiteRTModels(files)
        if files.without_twin:
            stem, reason = next(iter(files.without_twin.items()))
            warnings.warn(
                f"{files.model(stem)}: has no torch twin ({reason}); LiteRT runs it", stacklevel=2
            )
            return LiteRTModels(files)
        from dssd_tf.challenge.inference_package.runtime.twin import TwinModels

        return TwinModels(files)

    def load_inputs(
        self, file_paths: Sequence[str], device_ids: Sequence[str], model: Any
    ) -> list[Any]:
        """Features (1, time, frequency, channels) of each recording, in the order of the paths.

        Args:
            file_paths: The recordings.
            device_ids: The device of each; the features do not depend on it.
            model: What `load_model` gave.

        Raises:
            InferenceError: A recording cannot be used, or there are other numbers of devices.
        """
        _check_lengths(file_paths, device_ids)
        features = [clip[None] for clip in _features(file_paths, model.files)]
        return _tensors(features) if has_torch() else features

    def get_model_for_device(self, model: Any, device_id: str) -> Any:
        """The model of a device (a, b, c, s1 … s10, unknown); any other gets the general one."""
        return model.for_device(device_id)

    def predict(
        self,
        file_paths: Sequence[str],
        device_ids: Sequence[str],
        model_file_path: Path | str | None = None,
        use_cuda: bool = False,
    ) -> tuple[list[Any], list[str]]:
        """Logits (classes,) of each recording in the order of the paths, and the classes' names.

        LiteRT computes them where it is installed; the torch twin does otherwise, or with
        `use_cuda`.

        Args:
            file_paths: The recordings.
            device_ids: The device of each.
            model_file_path: See `load_model`.
            use_cuda: Whether to use a GPU; without one that is said and LiteRT runs.

        Raises:
            InferenceError: A recording or a model cannot be used.
        """
        _check_lengths(file_paths, device_ids)
        files = open_system(self._folder, model_file_path)
        runners = _runners(files, use_cuda)
        clips = track(_features(file_paths, files), total=len(file_paths))
        logits = [
            runners[files.stem(device)](clip[None])[0]
            for clip, device in zip(clips, device_ids, strict=True)
        ]
        return (_tensors(logits) if has_torch() else logits), list(files.classes)


def _check_lengths(file_paths: Sequence[str], device_ids: Sequence[str]) -> None:
    fix = "give file_paths and device_ids as lists of the same length"
    for name, values in (("file_paths", file_paths), ("device_ids", device_ids)):
        if isinstance(values, str) or not hasattr(values, "__len__"):
            raise InferenceError(f"{name} is {values!r}, which is no list", fix=fix)
    if len(file_paths) != len(device_ids):
        raise InferenceError(f"{len(file_paths)} recordings for {len(device_ids)} devices", fix=fix)


def _features(file_paths: Sequence[str], files: SystemFiles) -> Iterator[NDArray[np.float32]]:
    """Features of each recording, read by threads a bounded number ahead."""
    front_end = files.front_end
    read = ClipReader(front_end.sampling_rate, front_end.samples)
    waiting: collections.deque[Future[NDArray[np.float32]]] = collections.deque()
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        try:
            for path in file_paths:
                waiting.append(pool.submit(lambda path: front_end(read(path)), path))
                if len(waiting) >= _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            # After an error, what was read ahead is not wanted any more.
            for future in waiting:
                future.cancel()
            read.warn()


def _runners(files: SystemFiles, use_cuda: bool) -> dict[str, Runner]:
    """What computes the logits of each model."""
    cuda = use_cuda and _can_use_cuda(files)
    if has_litert() and not cuda:
        return {
            stem: LiteRTModel(files.model(stem), len(files.classes)) for stem in files.all_stems
        }
    if not has_torch() or files.without_twin:
        raise InferenceError(
            "needs LiteRT to run", path=files.folder, fix="pip install ai-edge-litert"
        )
    from dssd_tf.challenge.inference_package.runtime.twin import TwinRunner, read_twin

    classes = len(files.classes)
    return {stem: TwinRunner(read_twin(files, stem, classes), cuda) for stem in files.all_stems}


def _can_use_cuda(files: SystemFiles) -> bool:
    if not has_torch():
        reason = "torch is not installed"
    elif files.without_twin:
        reason = "a model has no torch twin"
    else:
        import torch

        if torch.cuda.is_available():
            return True
        reason = "torch finds no GPU"
    warnings.warn(f"use_cuda: {reason}; the CPU is used", stacklevel=4)
    return False


def _tensors(arrays: list[NDArray[np.float32]]) -> list[Any]:
    import torch

    return [torch.from_numpy(np.ascontiguousarray(array)) for array in arrays]
