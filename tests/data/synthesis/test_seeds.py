import pytest

from dssd_tf.data.synthesis import seeds
from dssd_tf.errors import DataError


def test_same_place_same_numbers():
    first = seeds.generator(5, seeds.LAYER, 1, 2, 3).random(4)
    again = seeds.generator(5, seeds.LAYER, 1, 2, 3).random(4)
    assert first.tolist() == again.tolist()


def test_other_places_and_seeds_differ():
    drawn = [
        seeds.generator(5, seeds.CITY, 0).random(),
        seeds.generator(5, seeds.CITY, 0, 0).random(),
        seeds.generator(5, seeds.CITY, 1).random(),
        seeds.generator(5, seeds.LOCATION, 0).random(),
        seeds.generator(6, seeds.CITY, 0).random(),
    ]
    assert len(set(drawn)) == len(drawn)


def test_negative_seed_is_refused():
    with pytest.raises(DataError, match="seed -1"):
        seeds.generator(-1, seeds.CITY)
