import numpy as np
import pytest

torch = pytest.importorskip("torch")

from dssd_tf.challenge.inference_package.runtime.grid import Grid  # noqa: E402  (needs torch)
from dssd_tf.challenge.inference_package.runtime.twin_functions import FUNCTIONS  # noqa: E402  (needs torch)

ONE = Grid(0.05, 4, -128, 127)
OTHER = Grid(0.11, -7, -128, 127)
TO = Grid(0.2, 1, -128, 127)
FLOAT = Grid()


@pytest.fixture
def pair() -> list:
    random = np.random.default_rng(0)
    return [
        torch.from_numpy(random.integers(-128, 128, (2, 6, 4, 3)).astype(np.float32))
        for _ in range(2)
    ]


@pytest.mark.parametrize(("kind", "apply"), [("ADD", torch.add), ("MUL", torch.mul)])
def test_quantized_arithmetic_is_within_a_step_of_the_real_one(
    pair: list, kind: str, apply: object
) -> None:
    found = FUNCTIONS[kind](pair, [ONE, OTHER], TO, {"activation": "NONE"})
    real = apply(ONE.real(pair[0]), OTHER.real(pair[1]))  # type: ignore[operator]
    wanted = torch.clamp(real / TO.scale + TO.zero_point, -128, 127)
    assert (found - wanted).abs().max() <= 0.51
    assert torch.equal(found, found.round())


def test_halves_of_a_sum_go_up() -> None:
    """XNNPACK adds integers and shifts; torch would round halves to even."""
    unit = Grid(1.0, 0, -128, 127)
    wide = Grid(2.0, 0, -128, 127)
    values = [torch.tensor([[1.0, 3.0, -1.0, -3.0]]), torch.zeros(1, 4)]
    found = FUNCTIONS["ADD"](values, [unit, unit], wide, {"activation": "NONE"})
    assert found.tolist() == [[1.0, 2.0, 0.0, -1.0]]


def test_concatenation_brings_parts_onto_one_grid(pair: list) -> None:
    found = FUNCTIONS["CONCATENATION"](pair, [ONE, OTHER], TO, {"axis": 3})
    assert found.shape == (2, 6, 4, 6)
    real = torch.cat([ONE.real(pair[0]), OTHER.real(pair[1])], dim=3)
    wanted = torch.clamp(real / TO.scale + TO.zero_point, -128, 127)
    assert (found - wanted).abs().max() <= 0.51


def test_padding_is_zero_in_real_values(pair: list) -> None:
    options = {"paddings": [[0, 0], [1, 0], [0, 2], [0, 0]]}
    found = FUNCTIONS["PAD"](pair[:1], [ONE], ONE, options)
    assert found.shape == (2, 7, 6, 3)
    assert torch.equal(found[:, 1:, :4], pair[0])
    assert (ONE.real(found[:, 0]) == 0).all()


@pytest.mark.parametrize("kind", ["AVERAGE_POOL_2D", "MAX_POOL_2D"])
def test_pools_leave_the_padding_out(kind: str) -> None:
    values = torch.arange(12.0).reshape(1, 3, 4, 1)
    options = {"padding": [0, 1, 0, 0], "filter": [2, 2], "stride": [2, 2], "activation": "NONE"}
    found = FUNCTIONS[kind]([values], [FLOAT], FLOAT, options)
    wanted = [[2.5, 4.5], [8.5, 10.5]] if "AVERAGE" in kind else [[5.0, 7.0], [9.0, 11.0]]
    assert found[0, ..., 0].tolist() == wanted
