import pytest

from dssd_tf.data.synthesis import FoldSize, SynthesisSize
from dssd_tf.errors import DataError


@pytest.mark.parametrize("field", ["locations", "segments", "devices"])
def test_fold_needs_one_of_each(field):
    with pytest.raises(DataError, match=f"{field} = 0"):
        FoldSize(**{"locations": 1, "segments": 1, "devices": 1, field: 0})


@pytest.mark.parametrize("given", [{"cities": 0}, {"cities": 11}, {"clips": 0}])
def test_numbers_out_of_range(given):
    (name, value), *_ = given.items()
    with pytest.raises(DataError, match=f"{name} = {value}"):
        SynthesisSize(**given)


@pytest.mark.parametrize(("fold", "most"), [("train", 6), ("test", 9), ("evaluation", 14)])
def test_no_more_devices_than_there_are(fold, most):
    SynthesisSize(**{fold: FoldSize(1, 1, most)})
    with pytest.raises(DataError, match=rf"{fold}\.devices = {most + 1}"):
        SynthesisSize(**{fold: FoldSize(1, 1, most + 1)})
