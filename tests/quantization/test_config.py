import pytest
from pydantic import ValidationError

from dssd_tf.quantization import QuantizationConfig


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
    ],
)
def test_invalid_settings_are_refused_by_name(settings, field):
    with pytest.raises(ValidationError) as refused:
        QuantizationConfig(**settings)
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]


def test_configuration_survives_its_own_dump():
    config = QuantizationConfig(method="none", calibration_clips=7)
    assert QuantizationConfig(**config.model_dump()) == config
