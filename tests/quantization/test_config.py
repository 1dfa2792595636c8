import pytest
from pydantic import ValidationError

from dssd_tf.quantization import QuantizationConfig
from dssd_tf.quantization.config import FineTuningConfig


def test_defaults_quantize_after_training():
    config = QuantizationConfig()
    assert config.method == "ptq" and config.calibration_clips >= 1


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"method": "qat4"}, "method"),
        ({"calibration_clips": 0}, "calibration_clips"),
        ({"calibration_clips": 1.5}, "calibration_clips"),
        ({"clips": 8}, "clips"),
        ({"method": "int8"}, "method"),
    ],
)
def test_invalid_settings_are_refused_by_name(settings, field):
    with pytest.raises(ValidationError) as refused:
        QuantizationConfig(**settings)
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("learning_rate", 0.0),
        ("weight", 1.1),
        ("temperature", 0.0),
        ("bank_share", -0.1),
        ("calibration_percentile", 50.0),
        ("observer_decay", 1.0),
        ("observer_freeze_epoch", -1),
    ],
)
def test_invalid_settings_of_the_fine_tuning_are_refused_by_name(name, value):
    with pytest.raises(ValidationError) as refused:
        QuantizationConfig(method="qat", fine_tuning={name: value})
    assert [error["loc"] for error in refused.value.errors()] == [("fine_tuning", name)]


def test_ranges_move_for_half_of_the_epochs_unless_told_otherwise():
    assert FineTuningConfig(epochs=7).observed_epochs == 3
    assert FineTuningConfig(epochs=7, observer_freeze_epoch=0).observed_epochs == 0
    assert FineTuningConfig(epochs=7, observer_freeze_epoch=9).observed_epochs == 9


def test_configuration_survives_its_own_dump():
    config = QuantizationConfig(method="none", calibration_clips=7)
    assert QuantizationConfig(**config.model_dump()) == config
