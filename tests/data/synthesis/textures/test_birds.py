import pytest

from dssd_tf.data.synthesis.textures import birds


def test_whistles_lie_about_their_pitch(rng, share):
    song = birds(rng, 441_000, phrases=2.0, pitch=4000.0)
    assert share(song, 1500, 11_000) > 0.97


def test_phrases_come_as_often_as_told(rng):
    few, many = (birds(rng, 441_000, phrases=n, pitch=4000.0) for n in (0.5, 4.0))
    assert (many != 0).mean() > 2 * (few != 0).mean() > 0


@pytest.mark.parametrize("samples", [100, 44_100])
def test_no_bird_is_silence(rng, samples):
    assert not birds(rng, samples, phrases=0.0, pitch=4000.0).any()
