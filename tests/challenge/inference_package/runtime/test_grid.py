import pytest

torch = pytest.importorskip("torch")

from dssd_tf.challenge.inference_package.runtime.grid import Grid  # noqa: E402  (needs torch)

INT8 = Grid.of({"scale": 0.5, "zero_point": 3, "dtype": "int8"})


def test_stored_and_real_values_belong_together() -> None:
    stored = torch.tensor([-128.0, 3.0, 127.0])
    assert INT8.real(stored).tolist() == [-65.5, 0.0, 62.0]
    assert torch.equal(INT8.put(INT8.real(stored) / INT8.scale), stored)


def test_values_are_rounded_and_stay_within_the_type() -> None:
    found = INT8.put(torch.tensor([0.4, 0.6, 1e6, -1e6]))
    assert found.tolist() == [3.0, 4.0, 127.0, -128.0]


@pytest.mark.parametrize(
    ("activation", "found"),
    [("NONE", [-1, 3, 23]), ("RELU", [3, 3, 23]), ("RELU6", [3, 3, 15])],
)
def test_a_fused_activation_is_a_limit_of_stored_values(activation: str, found: list[int]) -> None:
    assert INT8.put(torch.tensor([-4.0, 0.0, 20.0]), activation).tolist() == found


def test_a_float_tensor_has_no_grid() -> None:
    grid = Grid.of({"scale": None, "zero_point": 0, "dtype": "float32"})
    values = torch.tensor([-0.3, 7.2])
    assert not grid.rounds
    assert torch.equal(grid.put(values), values)
    assert torch.equal(grid.real(values), values)
    assert grid.put(values, "RELU6").tolist() == [0.0, 6.0]
