import keras
import pytest

from dssd_tf.models.keras_message import in_one_line


def test_a_message_of_several_lines() -> None:
    message = "Exception encountered when calling A.call().\n\n\x1b[1mToo  small.\x1b[0m\n\n"
    message += "Arguments received by A.call():\n  • x"
    assert in_one_line(message) == "Too small."
    assert in_one_line("plain") == "plain"


def test_what_keras_says_today() -> None:
    with pytest.raises(ValueError) as caught:
        keras.Sequential([keras.Input((4, 4, 1)), keras.layers.MaxPooling2D(8)])
    told = in_one_line(caught.value)
    assert "zero or negative" in told
    assert "\n" not in told and "\x1b" not in told and "Arguments received" not in told
