import numpy as np
import pytest

from dssd_tf.layers.fused.groups import gather, spread


@pytest.mark.parametrize("activated", [True, False])
@pytest.mark.parametrize("members", [1, 2, 3])
def test_members_are_activated_scaled_and_added_up(members: int, activated: bool) -> None:
    random = np.random.default_rng(members)
    row, scale = random.normal(size=4 * members), random.normal(size=4 * members)
    affine = random.normal(size=(3, 4 * members))
    value = np.maximum(affine[0] * (row - affine[2]) + affine[1], 0) if activated else row
    out, product = np.full(4, np.nan), np.full(4 * members, np.nan)
    gather(row, affine, scale, activated, product, out)
    np.testing.assert_allclose(product, value * scale, rtol=1e-14)
    np.testing.assert_allclose(out, (value * scale).reshape(4, members).sum(axis=1), rtol=1e-13)


def test_not_a_number_passes_the_relu() -> None:
    row, ones = np.array([np.nan, -1.0]), np.ones(2)
    affine, out = np.array([[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]), np.zeros(2)
    gather(row, affine, ones, True, np.empty(2), out)
    assert np.isnan(out[0]) and out[1] == 0


@pytest.mark.parametrize("members", [1, 2, 3])
def test_every_member_gets_its_groups_value(members: int) -> None:
    groups = np.array([1.0, 2.0, 3.0])
    out = np.full(3 * members, np.nan)
    spread(groups, out)
    np.testing.assert_array_equal(out, np.repeat(groups, members))


@pytest.mark.parametrize("members", [1, 2, 3])
def test_spread_is_the_adjoint_of_the_sum(members: int) -> None:
    random = np.random.default_rng(0)
    row, above = random.normal(size=5 * members), random.normal(size=5)
    out, back, product = np.empty(5), np.empty(5 * members), np.empty(5 * members)
    gather(row, np.zeros((3, row.size)), np.ones(row.size), False, product, out)
    spread(above, back)
    assert out @ above == pytest.approx(row @ back, rel=1e-12)
