"""The torch twin against LiteRT; needs torch."""

import copy
import io
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dssd_tf.challenge.inference_package.translation import translate
from dssd_tf.evaluation.predictor import TFLitePredictor

torch = pytest.importorskip("torch")
torch.set_num_threads(1)

PACKAGE = "Doe_Example_Lab_task1"


@pytest.fixture
def make_twin(make_model: Callable[..., bytes]) -> Callable[..., tuple[Any, TFLitePredictor]]:
    def make(**which: Any) -> tuple[Any, TFLitePredictor]:
        from dssd_tf.challenge.inference_package.runtime.twin import Twin

        content = make_model(**which)
        files = translate(content)
        return Twin(files.graph, files.arrays, 5).eval(), TFLitePredictor(content)

    return make


@pytest.fixture
def clips() -> np.ndarray:
    """Noise, and smooth patterns of other spreads, (100, 32, 12, 2)."""
    random = np.random.default_rng(6)
    noise = random.normal(size=(100, 32, 12, 2))
    slow = np.cumsum(random.normal(size=(100, 32, 1, 2)), axis=1) / 4
    return (noise * random.uniform(0, 2, (100, 1, 1, 1)) + slow).astype(np.float32)


@pytest.mark.parametrize("seed", [1, 2])
def test_int8_is_litert_to_the_step(
    make_twin: Callable[..., Any], clips: np.ndarray, seed: int
) -> None:
    from dssd_tf.challenge.inference_package.runtime.twin import TwinRunner

    twin, litert = make_twin(seed=seed)
    wanted, found = litert(clips), TwinRunner(twin, False)(clips)
    step = litert._output["quantization"][0]
    assert np.abs(found - wanted).max() <= 2.01 * step
    assert np.mean(found.argmax(1) == wanted.argmax(1)) >= 0.995
    assert np.mean(np.abs(found - wanted) < 0.01 * step) > 0.95
    assert wanted.std(axis=0).mean() > 5 * step


@pytest.mark.parametrize("form", ["float", "float16"])
def test_float_models_have_one_too(
    make_twin: Callable[..., Any], clips: np.ndarray, form: str
) -> None:
    from dssd_tf.challenge.inference_package.runtime.twin import TwinRunner

    twin, litert = make_twin(form=form)
    np.testing.assert_allclose(TwinRunner(twin, False)(clips), litert(clips), atol=1e-4)
    kinds = {str(parameter.dtype) for parameter in twin.parameters()}
    assert kinds == {f"torch.{'float32' if form == 'float' else 'float16'}"}


def test_a_copy_as_float_computes_the_same(
    make_twin: Callable[..., Any], clips: np.ndarray
) -> None:
    twin, _ = make_twin()
    batch = torch.from_numpy(clips[:1])
    wanted = twin(batch)
    assert torch.equal(copy.deepcopy(twin).float()(batch), wanted)
    saved = io.BytesIO()
    torch.save(twin.state_dict(), saved)
    again, _ = make_twin()
    for parameter in again.parameters():
        parameter.data.zero_()
    assert not torch.equal(again(batch), wanted)
    saved.seek(0)
    again.load_state_dict(torch.load(saved))
    assert torch.equal(again(batch), wanted)


def test_parameters_are_the_stored_integers(make_twin: Callable[..., Any]) -> None:
    twin, _ = make_twin()
    kinds = {name.split(".")[-1]: str(p.dtype) for name, p in twin.named_parameters()}
    assert kinds == {"weight": "torch.int8", "bias": "torch.int32"}
    assert not any(parameter.requires_grad for parameter in twin.parameters())
    names = {type(layer).__name__ for layer in twin.layers.values()}
    assert names == {"Conv2d", "Linear"}


def test_the_organisers_scripts(
    written: Path, recordings: list[str], call: Callable[..., Any]
) -> None:
    """What their scripts do with the package, in their order."""
    pytest.importorskip("torchinfo")
    code = f"""
import copy, torch, torchinfo
from {PACKAGE} import {PACKAGE}_1 as system
files, devices = {recordings!r}, {["a", "b", "unknown", "s1", "a", "c", "a", "s9"]!r}
model = system.load_model()
assert isinstance(model, torch.nn.Module)
inputs = system.load_inputs(files, devices, model)
submodels = [system.get_model_for_device(model, device) for device in devices]
def count(m, x):
    m = copy.deepcopy(m).float()
    return torchinfo.summary(m, input_size=tuple(x.shape), verbose=0).total_mult_adds
counts = [count(m, x) for m, x in zip(submodels, inputs)]
sizes = {{torch.int8: 1, torch.int32: 4}}
size = sum(p.numel() * sizes[p.dtype] for p in submodels[0].parameters())
by_twin = torch.stack([m(x)[0] for m, x in zip(submodels, inputs)])
predictions, classes = system.predict(files, devices, use_cuda=False)
stacked = torch.stack(predictions)
probabilities = torch.softmax(stacked, dim=1)
labels = [classes[i] for i in torch.argmax(probabilities, dim=1)]
shared = submodels[1] is submodels[2]
difference = (by_twin - stacked).abs().max().item()
shape, name = list(stacked.shape), type(submodels[0]).__name__
result = [counts, size, difference, labels, shared, shape, name]
"""
    counts, size, difference, labels, shared, shape, name = call(code, written, torch=True)
    assert len(set(counts)) == 1 and counts[0] > 10_000
    assert size == 440
    assert difference < 0.2
    assert len(labels) == len(recordings) and set(labels) <= {"bus", "metro", "tram"}
    assert shared
    assert shape == [8, 3]
    assert name == "Twin"


def test_predict_without_litert_uses_the_twin(
    written: Path, recordings: list[str], call: Callable[..., Any]
) -> None:
    code = f"""
from {PACKAGE} import {PACKAGE}_1 as system
result = [x.tolist() for x in system.predict({recordings!r}, ["a"] * {len(recordings)})[0]]
"""
    by_twin = call(code, written, torch=True, blocked=["ai_edge_litert"])
    by_litert = call(code, written, torch=True)
    assert np.abs(np.array(by_twin) - np.array(by_litert)).max() < 0.2
    assert np.array(by_twin).std() > 0.2


def _grids() -> Any:
    from dssd_tf.challenge.inference_package.runtime.grid import Grid

    return Grid(0.1, 3, -128, 127), Grid(0.05, -7, -128, 127), Grid()


def test_grids_round_and_clip() -> None:
    one, _, real = _grids()
    values = torch.tensor([-100.0, -0.04, 0.05, 0.16, 5.0, 100.0])
    assert one.put(values / 0.1).tolist() == [-128, 3, 3, 5, 53, 127]
    assert one.put(values / 0.1, "RELU").tolist() == [3, 3, 3, 5, 53, 127]
    assert one.put(values / 0.1, "RELU6").tolist() == [3, 3, 3, 5, 53, 63]
    assert real.put(values, "RELU_N1_TO_1").tolist() == pytest.approx([-1, -0.04, 0.05, 0.16, 1, 1])


@pytest.mark.parametrize(
    ("kind", "options", "reference"),
    [
        ("ADD", {}, np.add),
        ("SUB", {}, np.subtract),
        ("MUL", {}, np.multiply),
        ("MAXIMUM", {}, np.maximum),
        ("MINIMUM", {}, np.minimum),
        ("SQUARED_DIFFERENCE", {}, lambda a, b: (a - b) ** 2),
        ("PRELU", {}, lambda a, b: np.where(a < 0, a * b, a)),
        ("TANH", {}, lambda a, b: np.tanh(a)),
        ("LEAKY_RELU", {"alpha": 0.25}, lambda a, b: np.where(a < 0, 0.25 * a, a)),
        ("SOFTMAX", {"beta": 1.0}, lambda a, b: np.exp(a) / np.exp(a).sum(-1, keepdims=True)),
        ("MEAN", {"axes": [1], "keep_dims": True}, lambda a, b: a.mean(1, keepdims=True)),
        ("SUM", {"axes": [0], "keep_dims": False}, lambda a, b: a.sum(0)),
        ("REDUCE_MAX", {"axes": [1], "keep_dims": False}, lambda a, b: a.max(1)),
        ("TRANSPOSE", {"permutation": [1, 0]}, lambda a, b: a.T),
        ("PAD", {"paddings": [[0, 1], [2, 0]]}, lambda a, b: np.pad(a, [(0, 1), (2, 0)])),
        ("RESHAPE", {"shape": [20]}, lambda a, b: a.ravel()),
        ("CONCATENATION", {"axis": 1}, lambda a, b: np.concatenate([a, b], 1)),
        (
            "SLICE",
            {"begin": [1, 0], "end": [4, 5], "strides": [2, 1]},
            lambda a, b: a[1:4:2],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_functions_compute_what_their_names_say(kind: str, options: Any, reference: Any) -> None:
    """In real values, and within half a step on a grid."""
    from dssd_tf.challenge.inference_package.runtime.twin_functions import FUNCTIONS

    one, other, real = _grids()
    random = np.random.default_rng(1)
    stored = [torch.from_numpy(random.integers(-30, 30, (4, 5)).astype(np.float32)) for _ in "ab"]
    several = kind in ("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM", "PRELU", "CONCATENATION")
    count = 2 if several or kind == "SQUARED_DIFFERENCE" else 1
    options = {"activation": "NONE", **options}
    values = [one.real(stored[0]), other.real(stored[1])]
    wanted = reference(*(value.numpy().astype(np.float64) for value in values))
    in_floats = FUNCTIONS[kind](values[:count], [real, real][:count], real, options)
    np.testing.assert_allclose(in_floats.numpy(), wanted, atol=1e-5)
    rounded = FUNCTIONS[kind](stored[:count], [one, other][:count], one, options)
    limited = np.clip(wanted, -131 * 0.1, 124 * 0.1)
    np.testing.assert_allclose(one.real(rounded).numpy(), limited, atol=0.05 + 1e-5)


def test_every_operator_of_the_translation_has_a_function() -> None:
    from dssd_tf.challenge.inference_package.runtime.twin_functions import FUNCTIONS
    from dssd_tf.challenge.inference_package.translation_rules import RENAMED, RULES

    assert {RENAMED.get(kind, kind) for kind in RULES} <= set(FUNCTIONS)


def test_a_constant_on_either_side() -> None:
    from dssd_tf.challenge.inference_package.runtime.twin_layers import ConstantOperation

    _, _, real = _grids()
    x = torch.tensor([[1.0, 2.0]])
    for kind, first in itertools.product(("SUB", "MUL"), (True, False)):
        options = {"kind": kind, "activation": "NONE", "constant_first": first}
        weight = torch.nn.Parameter(torch.tensor([3.0, 5.0]), requires_grad=False)
        found = ConstantOperation(options, weight, real, real, real)(x)
        pair = (weight, x) if first else (x, weight)
        assert torch.equal(found, pair[0] - pair[1] if kind == "SUB" else pair[0] * pair[1])


def test_sums_that_pass_24_bits_are_exact() -> None:
    from dssd_tf.challenge.inference_package.runtime.grid import Grid
    from dssd_tf.challenge.inference_package.runtime.twin_layers import Linear

    weight = torch.nn.Parameter(torch.full((1, 4096), 127, dtype=torch.int8), requires_grad=False)
    bias = torch.nn.Parameter(torch.tensor([3], dtype=torch.int32), requires_grad=False)
    source, target = Grid(1.0, -128, -128, 127), Grid(1.0, 0, None, None)
    options = {"activation": "NONE", "shape": [1, 1]}
    layer = Linear(options, weight, bias, torch.ones(1), source, target)
    values, kernel, offset = layer._operands(torch.full((1, 4096), 127.0))
    whole = torch.nn.functional.linear(values, kernel, offset)
    assert layer._dtype == torch.float64
    assert whole.item() == 4096 * 127 * 255 + 3
