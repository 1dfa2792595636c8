import pytest

from dssd_tf.report.schema import Check


def check(measured, limit):
    return Check(name="size", measured=measured, limit=limit, passed=True)


@pytest.mark.parametrize(
    ("measured", "limit", "used"),
    [
        (32_000, 128_000, 0.25),
        (150, 100, 1.5),
        (0, 0, None),
        ("int8", "int8", None),
        (True, True, None),
        (None, 5, None),
    ],
)
def test_used_part_of_a_limit(measured, limit, used):
    assert check(measured, limit).used == used
