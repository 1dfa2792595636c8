"""The import against a forward pass of the reference's network in NumPy, in its own layout."""

import io
import sys
from collections.abc import Callable

import keras
import numpy as np
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.models.dsmn_weights import dsmn_from_state, load_dsmn_state

GRID = (16, 16)


def _state(pattern="SF", widths=(8, 12), channels=2, stem=16, hidden=10, classes=5):
    """A state dict of random weights, by the reference's names and axes."""
    random = np.random.default_rng(0)
    state = {}

    def weights(name, *shape, bias=True):
        fan_in = np.prod(shape[1:])
        state[f"{name}.weight"] = random.normal(size=shape) * fan_in**-0.5
        if bias:
            state[f"{name}.bias"] = random.normal(size=shape[0]) * 0.1

    def norm(name, width):
        state[f"{name}.weight"] = random.uniform(0.5, 1.5, width)
        state[f"{name}.bias"] = random.normal(size=width) * 0.2
        state[f"{name}.running_mean"] = random.normal(size=width) * 0.2
        state[f"{name}.running_var"] = random.uniform(0.5, 1.5, width)
        state[f"{name}.num_batches_tracked"] = np.array(9)

    weights("conv", stem, channels, 1, 1)
    width = stem
    for block, (letter, after) in enumerate(zip(pattern, widths, strict=True), start=1):
        half = width // 2
        for index, out in enumerate((width, width, half), start=1):
            part = f"conv{block}.dilaconv{index}"
            weights(f"{part}.ch_conv1", out, width // out, 1, 1, bias=False)
            weights(f"{part}.sp_conv1", out, 1, 3, 1, bias=False)
            weights(f"{part}.sp_conv2", out, 1, 1, 3, bias=False)
            norm(f"{part}.norm", out)
        weights(f"conv{block}.conv1", half, width, 1, 1)
        weights(f"conv{block}.conv2", half, width, 1, 1)
        weights(f"conv{block}.conv3", after, half if letter == "S" else 3 * half, 1, 1)
        weights(f"conv{block}.att.conv", 1, 1, 3, bias=False)
        norm(f"conv{block}.norm", after)
        width = after
    weights("l1", hidden, sum(widths[1:]))
    weights("l2", classes, hidden)
    return {name: np.asarray(value, np.float32) for name, value in state.items()}


def _pointwise(state, name, x):
    kernel = state[f"{name}.weight"][:, :, 0, 0]
    groups = x.shape[0] // kernel.shape[1]
    inputs = x.reshape(groups, -1, *x.shape[1:])
    outputs = np.einsum("goi,gitf->gotf", kernel.reshape(groups, -1, kernel.shape[1]), inputs)
    bias = state.get(f"{name}.bias", np.zeros(len(kernel)))
    return outputs.reshape(-1, *x.shape[1:]) + bias[:, None, None]


def _norm(state, name, x):
    gamma, beta, mean, variance = (
        state[f"{name}.{part}"][:, None, None]
        for part in ("weight", "bias", "running_mean", "running_var")
    )
    return gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta


def _operator(state, name, x):
    x = _pointwise(state, f"{name}.ch_conv1", x)
    total = np.zeros_like(x)
    for part, axis in (("sp_conv1", 1), ("sp_conv2", 2)):
        taps = state[f"{name}.{part}.weight"].reshape(len(x), 3)
        pad = [(2, 2) if a == axis else (0, 0) for a in range(3)]
        padded, size = np.pad(x, pad), x.shape[axis]
        for tap in range(3):
            shifted = np.take(padded, range(2 * tap, 2 * tap + size), axis)
            total += taps[:, tap, None, None] * shifted
    return np.maximum(_norm(state, f"{name}.norm", total), 0)


def _block(state, name, x, split):
    inputs, high = (x[:, :, : x.shape[2] // 2], x[:, :, x.shape[2] // 2 :]) if split else (x, x)
    x1 = _operator(state, f"{name}.dilaconv1", inputs)
    x3 = _operator(state, f"{name}.dilaconv3", _operator(state, f"{name}.dilaconv2", x1))
    first = _pointwise(state, f"{name}.conv1", inputs)
    second = _pointwise(state, f"{name}.conv2", high if split else x1)
    fused = first + second + x3 if split else np.concatenate([first, second, x3])
    means = np.pad(fused.mean((1, 2)), 1)
    gates = np.convolve(means, state[f"{name}.att.conv.weight"][0, 0, ::-1], mode="valid")
    fused = fused / (1 + np.exp(-gates))[:, None, None]
    y = np.maximum(_norm(state, f"{name}.norm", _pointwise(state, f"{name}.conv3", fused)), 0)
    time, bands = y.shape[1] // 2, y.shape[2] if split else y.shape[2] // 2
    y = y[:, : 2 * time, : bands * (1 if split else 2)]
    return y.reshape(len(y), time, 2, bands, -1).mean((2, 4))


def _logits(state, x, pattern):
    """Logits (classes,) of one input (channels, time, frequency)."""
    state = {name: value.astype(np.float64) for name, value in state.items()}
    x = _pointwise(state, "conv", x.astype(np.float64))
    pools = []
    for index, letter in enumerate(pattern, start=1):
        x = _block(state, f"conv{index}", x, letter == "S")
        pools.append(x.mean((1, 2)))
    embedding = np.concatenate(pools[1:])
    hidden = np.maximum(state["l1.weight"] @ embedding + state["l1.bias"], 0)
    return state["l2.weight"] @ hidden + state["l2.bias"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "widths", "grid"),
    [("SF", (8, 12), (16, 16)), ("FS", (12, 8), (9, 16)), ("SSF", (8, 6, 10), (11, 24))],
)
def test_the_logits_are_the_references(pattern, widths, grid) -> None:
    state = _state(pattern, widths)
    model = dsmn_from_state(state, grid=grid)
    inputs = np.random.default_rng(1).normal(size=(3, 2, *grid)).astype(np.float32)
    found = model.predict_on_batch(np.transpose(inputs, (0, 2, 3, 1)))
    expected = np.stack([_logits(state, each, pattern) for each in inputs])
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_widths_follow_from_the_shapes() -> None:
    model = dsmn_from_state(_state(channels=1, stem=4, hidden=7, classes=3), grid=(None, 16))
    assert model.input_shape == (None, None, 16, 1)
    assert model.output_shape == (None, 3)
    assert model.get_layer("stem").filters == 4
    assert model.get_layer("hidden").units == 7
    assert [model.get_layer(f"block{n}").split for n in (1, 2)] == [True, False]
    assert [model.get_layer(f"block{n}").filters for n in (1, 2)] == [8, 12]
    assert model.name == "dsmn"


def test_a_network_of_the_registry_has_its_name() -> None:
    widths = (24, 32, 64, 64, 64)
    state = _state("SFFFF", widths, hidden=100, classes=13)
    model = dsmn_from_state(state)
    assert model.name == "dsmn_sf"
    assert model.input_shape == (None, 44, 256, 2)
    assert model.count_params() == sum(v.size for v in state.values() if v.ndim)


@pytest.mark.parametrize(
    "name", ["conv.weight", "conv2.conv3.weight", "conv1.dilaconv3.norm.running_var", "l2.bias"]
)
def test_a_missing_weight_is_named(name: str) -> None:
    state = _state()
    del state[name]
    with pytest.raises(ModelError, match=f"lacks {name}") as refused:
        dsmn_from_state(state, grid=GRID)
    assert refused.value.fix


def test_an_unexpected_weight_is_named() -> None:
    state = _state() | {"conv1.extra.weight": np.zeros(3)}
    with pytest.raises(ModelError, match=r"unexpected conv1\.extra\.weight"):
        dsmn_from_state(state, grid=GRID)
    many = _state() | {f"extra{n}": np.zeros(3) for n in range(9)}
    with pytest.raises(ModelError, match=r"extra0, extra1, extra2, extra3 and 5 more"):
        dsmn_from_state(many, grid=GRID)


@pytest.mark.parametrize(
    ("name", "shape", "told"),
    [
        ("conv1.dilaconv3.ch_conv1.weight", (8, 16, 1, 1), r"instead of \(8, 2, 1, 1\)"),
        ("conv1.dilaconv1.sp_conv1.weight", (16, 1, 1, 3), r"instead of \(16, 1, 3, 1\)"),
        ("conv2.norm.bias", (11,), r"instead of \(12,\)"),
        ("l1.weight", (10, 13), r"instead of \(10, 12\)"),
        ("conv1.att.conv.weight", (1, 1, 5), r"instead of \(1, 1, 3\)"),
        ("conv1.conv3.weight", (8, 16, 1, 1), r"8 \(split\) or 24 \(full\)"),
        ("conv.weight", (16, 2), "instead of 4 axes"),
        ("conv.weight", (0, 2, 1, 1), "instead of 4 axes"),
        ("l2.weight", (5,), "instead of 2 axes"),
    ],
)
def test_a_misshapen_weight_is_named(name: str, shape: tuple[int, ...], told: str) -> None:
    state = _state() | {name: np.zeros(shape, np.float32)}
    with pytest.raises(ModelError, match=told) as refused:
        dsmn_from_state(state, grid=GRID)
    assert name in str(refused.value)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_named(value: float) -> None:
    state = _state()
    state["l1.bias"][3] = value
    with pytest.raises(ModelError, match=r"no finite numbers in l1\.bias"):
        dsmn_from_state(state, grid=GRID)
    with pytest.raises(ModelError, match=r"no finite numbers in l1\.bias"):
        dsmn_from_state(state | {"l1.bias": np.array(["a"] * 10)}, grid=GRID)


def test_a_grid_or_width_that_the_blocks_cannot_take() -> None:
    with pytest.raises(ModelError, match=r"gives no network: .*even"):
        dsmn_from_state(_state(), grid=(16, 15))
    with pytest.raises(ModelError, match=r"gives no network: .*multiple"):
        dsmn_from_state(_state(widths=(9, 12)), grid=GRID)


@pytest.mark.parametrize("prefix", ["", "sd/"])
def test_an_npz_file_is_read_with_and_without_the_prefix(tmp_path, prefix: str) -> None:
    state, path = _state(), tmp_path / "weights.npz"
    others = {"x": np.zeros(3), "y": np.zeros(2)} if prefix else {}
    np.savez(path, **{prefix + name: value for name, value in state.items()}, **others)
    read = load_dsmn_state(str(path))
    assert list(read) == list(state)
    for name, value in state.items():
        np.testing.assert_array_equal(read[name], value)
    assert dsmn_from_state(read, grid=GRID).output_shape == (None, 5)


def _pickled() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, a=np.array([{}], dtype=object))
    return buffer.getvalue()


def _half() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **_state())
    return buffer.getvalue()[:5000]


def _lone() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content", [lambda: b"", lambda: b"PK\x03\x04", _pickled, _half, _lone, lambda: b"text"]
)
def test_a_damaged_npz_file_is_named(tmp_path, content: Callable[[], bytes]) -> None:
    path = tmp_path / "weights.npz"
    path.write_bytes(content())
    with pytest.raises(ModelError, match=r"cannot be read as \.npz") as refused:
        load_dsmn_state(path)
    assert str(refused.value).startswith(f"{path}: ")


def test_files_that_are_missing_or_of_another_kind(tmp_path) -> None:
    with pytest.raises(ModelError, match=r"none\.npz: no such file"):
        load_dsmn_state(tmp_path / "none.npz")
    with pytest.raises(ModelError, match=r"suffix '\.h5'.*\.npz, \.pt or \.pth"):
        load_dsmn_state(tmp_path / "weights.h5")


def test_without_pytorch_the_remedy_is_told(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    (tmp_path / "weights.pt").write_bytes(b"any")
    with pytest.raises(ModelError, match="PyTorch, which is not installed — pip install torch"):
        load_dsmn_state(tmp_path / "weights.pt")


@pytest.mark.parametrize("holder", [None, "state_dict", "model"])
def test_a_pytorch_file_is_read(tmp_path, holder: str | None) -> None:
    torch = pytest.importorskip("torch")
    state = _state()
    value = {name: torch.from_numpy(array) for name, array in state.items()}
    torch.save(value if holder is None else {holder: value, "epoch": 3}, tmp_path / "weights.pth")
    read = load_dsmn_state(tmp_path / "weights.pth")
    assert list(read) == list(state)
    for name, array in state.items():
        np.testing.assert_array_equal(read[name], array)


def test_pytorch_files_without_a_state_dict_are_refused(tmp_path) -> None:
    torch = pytest.importorskip("torch")
    path = tmp_path / "weights.pt"
    torch.save(torch.nn.Linear(2, 2), path)
    with pytest.raises(ModelError, match="cannot be read as tensors alone"):
        load_dsmn_state(path)
    path.write_bytes(b"text")
    with pytest.raises(ModelError, match="cannot be read as tensors alone"):
        load_dsmn_state(path)
    for value in ([1, 2], {"epoch": 3}):
        torch.save(value, path)
        with pytest.raises(ModelError, match="holds no state dict"):
            load_dsmn_state(path)


@pytest.mark.slow
def test_the_imported_network_is_saved_and_trained_like_any(tmp_path) -> None:
    from dssd_tf.models import load_model, save_model

    model = dsmn_from_state(_state(), grid=GRID)
    save_model(model, tmp_path / "model.keras")
    inputs = np.random.default_rng(2).normal(size=(4, *GRID, 2)).astype(np.float32)
    reloaded = load_model(tmp_path / "model.keras")
    expected = model.predict_on_batch(inputs)
    np.testing.assert_allclose(reloaded.predict_on_batch(inputs), expected, atol=1e-6)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    before = model.get_layer("stem").get_weights()[0]
    model.fit(inputs, np.arange(4), verbose=0)
    assert np.abs(model.get_layer("stem").get_weights()[0] - before).max() > 0
