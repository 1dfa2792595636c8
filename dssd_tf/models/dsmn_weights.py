"""DSMN networks from the weights of the PyTorch reference."""

import inspect
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import ModelError
from dssd_tf.models.block_network import block_network
from dssd_tf.models.registry import list_models, model_config

_PREFIX = "sd/"
_HOLDERS = ("state_dict", "model")
_UNUSED = ".num_batches_tracked"
_SHOWN = 4

# Axes of the reference's kernels in the order of Keras's.
_CONV = (2, 3, 1, 0)
_DEPTHWISE = (2, 3, 0, 1)
_CONV1D = (2, 1, 0)
_DENSE = (1, 0)
_VECTOR = (0,)


def load_dsmn_state(path: Path | str) -> dict[str, NDArray[np.floating]]:
    """Read a PyTorch state dict: names of the reference → arrays.

    A `.npz` file holds an array a name; if names begin with `sd/`, only those are read, without
    the prefix. A `.pt` or `.pth` file is read by PyTorch with ``weights_only=True``; it may be a
    checkpoint that holds the state dict as `state_dict` or `model`.

    Raises:
        ModelError: The file is missing, of another kind, damaged or holds no state dict, or
            PyTorch is needed and not installed.
    """
    path = Path(path)
    if path.suffix not in {".npz", ".pt", ".pth"}:
        raise ModelError(
            f"is not a state dict (suffix {path.suffix!r})",
            path=path,
            fix="give a .npz, .pt or .pth file",
        )
    if not path.is_file():
        raise ModelError("no such file of weights", path=path)
    return _read_npz(path) if path.suffix == ".npz" else _read_torch(path)


def dsmn_from_state(
    state: Mapping[str, NDArray[np.floating]], *, grid: tuple[int | None, int] = (44, 256)
) -> keras.Model:
    """The DSMN network of a state dict, with its weights.

    The pattern and all widths follow from the shapes; every name is used once, and
    `*.num_batches_tracked` is ignored. Input (batch, time, frequency, channels), output (batch,
    classes) logits, as `DSMN` says. A model equal to one of the registry carries its name.

    Source: Wang, Wu & Li, DCASE 2023 Task 1 technical report 61, and its published networks.

    Args:
        state: Name → array: convolutions (out, in / groups, time, frequency), dense (out, in).
        grid: (time, frequency) of the input; time may be None. No weight tells it.

    Raises:
        ModelError: Names are missing or unexpected, shapes do not belong together, or values
            are not finite, and the message names them; or the grid does not fit the blocks.
    """
    state = {name: value for name, value in state.items() if not name.endswith(_UNUSED)}
    model = _network(state, grid)
    targets = {name: (variable, axes) for name, variable, axes in _mapping(model)}
    _refuse("lacks", [name for name in targets if name not in state])
    _refuse("has the unexpected", [name for name in state if name not in targets])
    wrong = []
    for name, (variable, axes) in targets.items():
        expected = tuple(variable.shape[axes.index(axis)] for axis in range(len(axes)))
        if state[name].shape != expected:
            wrong.append(f"{name} {state[name].shape} instead of {expected}")
    _refuse("has shapes that do not belong together:", wrong)
    _refuse(
        "has values that are no finite numbers in",
        [name for name, value in state.items() if not _finite(value)],
    )
    for name, (variable, axes) in targets.items():
        variable.assign(np.transpose(state[name], axes).astype(np.float32))
    return model


def _network(
    state: Mapping[str, NDArray[np.floating]], grid: tuple[int | None, int]
) -> keras.Model:
    """The network of the state dict's shapes, with random weights."""
    found = {int(m[1]) for name in state if (m := re.match(r"conv(\d+)\.", name))}
    blocks = range(1, max([2, *found]) + 1)
    needed = {"conv.weight": 4, "l1.weight": 2, "l2.weight": 2}
    needed |= {f"conv{block}.conv3.weight": 4 for block in blocks}
    _refuse("lacks", [name for name in needed if name not in state])
    _refuse(
        "has shapes that do not belong together:",
        [
            f"{name} {state[name].shape} instead of {rank} axes"
            for name, rank in needed.items()
            if state[name].ndim != rank or 0 in state[name].shape
        ],
    )
    stem_width, channels = state["conv.weight"].shape[:2]
    pattern, widths = "", [stem_width]
    for block in blocks:
        name = f"conv{block}.conv3.weight"
        width, fused = state[name].shape[:2]
        distilled = widths[-1] // 2
        if fused not in (distilled, 3 * distilled):
            _refuse(
                "has shapes that do not belong together:",
                [
                    f"{name} reads {fused} channels, where a block of {widths[-1]} has "
                    f"{distilled} (split) or {3 * distilled} (full)"
                ],
            )
        pattern += "S" if fused == distilled else "F"
        widths.append(width)
    shape = {
        "pattern": pattern,
        "widths": tuple(widths[1:]),
        "stem_width": stem_width,
        "hidden_units": state["l1.weight"].shape[0],
    }
    try:
        return block_network(
            input_shape=(*grid, channels),
            classes=state["l2.weight"].shape[0],
            include_top=True,
            weights=None,
            pooling=None,
            classifier_activation=None,
            operator="sc_g",
            distilled_width=None,
            dropout=0.3,
            name=_registered_name(shape) or "dsmn",
            **shape,
        )
    except ValueError as error:
        raise ModelError(f"the state dict gives no network: {error}") from error


def _registered_name(shape: Mapping[str, Any]) -> str | None:
    """The name of the registry that stands for these widths, if there is one."""
    if (shape["stem_width"], shape["hidden_units"]) != (16, 100):
        return None
    for name in list_models("dsmn_*"):
        entry = model_config(name)
        arguments = inspect.signature(entry.constructor).bind(**entry.config)
        arguments.apply_defaults()
        known = arguments.arguments
        if (known["pattern"], tuple(known["widths"])) == (shape["pattern"], shape["widths"]):
            return name
    return None


def _mapping(model: keras.Model) -> Iterator[tuple[str, keras.Variable, tuple[int, ...]]]:
    """(name in the reference, variable of the model, axes of its array in Keras's order)."""
    yield from _layer("conv", model.get_layer("stem"), _CONV)
    blocks = [layer for layer in model.layers if layer.name.startswith("block")]
    for block in blocks:
        name = block.name.replace("block", "conv")
        for index, operator in enumerate(block.operators, start=1):
            part = f"{name}.dilaconv{index}"
            yield from _layer(f"{part}.ch_conv1", operator.pointwise, _CONV)
            yield from _layer(f"{part}.sp_conv1", operator.cross.time, _DEPTHWISE)
            yield from _layer(f"{part}.sp_conv2", operator.cross.frequency, _DEPTHWISE)
            yield from _norm(f"{part}.norm", operator.norm)
        yield from _layer(f"{name}.conv1", block.distill[0], _CONV)
        yield from _layer(f"{name}.conv2", block.distill[1], _CONV)
        yield from _layer(f"{name}.conv3", block.fuse, _CONV)
        yield from _layer(f"{name}.att.conv", block.attention.conv, _CONV1D)
        yield from _norm(f"{name}.norm", block.norm)
    yield from _layer("l1", model.get_layer("hidden"), _DENSE)
    yield from _layer("l2", model.get_layer("logits"), _DENSE)


def _layer(
    name: str, layer: keras.layers.Layer, axes: tuple[int, ...]
) -> Iterator[tuple[str, keras.Variable, tuple[int, ...]]]:
    yield f"{name}.weight", layer.kernel, axes
    if layer.use_bias:
        yield f"{name}.bias", layer.bias, _VECTOR


def _norm(
    name: str, layer: keras.layers.BatchNormalization
) -> Iterator[tuple[str, keras.Variable, tuple[int, ...]]]:
    yield f"{name}.weight", layer.gamma, _VECTOR
    yield f"{name}.bias", layer.beta, _VECTOR
    yield f"{name}.running_mean", layer.moving_mean, _VECTOR
    yield f"{name}.running_var", layer.moving_variance, _VECTOR


def _read_npz(path: Path) -> dict[str, NDArray[np.floating]]:
    try:
        file = np.load(path, allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise ValueError("it holds one array without a name")
        with file:
            names = [name for name in file.files if name.startswith(_PREFIX)] or file.files
            return {name.removeprefix(_PREFIX): file[name] for name in names}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(
            f"cannot be read as .npz ({error})", path=path, fix="write it with numpy.savez"
        ) from error


def _read_torch(path: Path) -> dict[str, NDArray[np.floating]]:
    try:
        import torch
    except ImportError as error:
        raise ModelError(
            f"a {path.suffix} file is read by PyTorch, which is not installed",
            path=path,
            fix="pip install torch, or save the state dict as .npz",
        ) from error
    try:
        value = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # PyTorch raises what pickle, zip or its own reader raise.
        reason = (str(error).strip().splitlines() or [repr(error)])[0]
        raise ModelError(
            f"cannot be read as tensors alone ({reason})",
            path=path,
            fix="save the model's state_dict(), not the model",
        ) from error
    for holder in _HOLDERS:
        if isinstance(value, Mapping) and isinstance(value.get(holder), Mapping):
            value = value[holder]
    if not isinstance(value, Mapping) or not all(torch.is_tensor(v) for v in value.values()):
        raise ModelError(
            "holds no state dict", path=path, fix="save the model's state_dict(), not the model"
        )
    return {str(name): tensor.float().numpy() for name, tensor in value.items()}


def _finite(value: NDArray[np.floating]) -> bool:
    return value.dtype.kind in "fiu" and bool(np.isfinite(value).all())


def _refuse(problem: str, names: list[str]) -> None:
    if names:
        rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        raise ModelError(
            f"the state dict {problem} {', '.join(names[:_SHOWN])}{rest}",
            fix="give the state dict of a DSMN network of the reference",
        )
