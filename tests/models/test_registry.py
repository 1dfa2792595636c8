import keras
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.models import DSMN, DSSDN, create_model, list_models, model_config
from dssd_tf.models.registry import register


def test_names_are_listed_sorted_and_filtered_by_a_shell_pattern():
    everything = list_models()
    assert everything == sorted(everything)
    assert {"dsmn_s", "dsmn_f", "dsmn_sf", "dssdn_large"} <= set(everything)
    assert list_models("dsmn*") == ["dsmn_f", "dsmn_s", "dsmn_s_wide", "dsmn_sf"]
    assert list_models("no_such_*") == []


@pytest.mark.parametrize("name", list_models())
def test_every_name_builds_with_a_summary_and_takes_overrides(name, narrow):
    entry = model_config(name)
    assert entry.name == name and entry.summary and "\n" not in entry.summary
    of_blocks = entry.constructor in (DSMN, DSSDN)
    overrides = narrow if of_blocks else {"input_shape": (51, 48, 1), "classes": 3}
    model = create_model(name, **overrides)
    assert model.name == name
    assert model.input_shape == (None, *overrides["input_shape"])
    assert model.output_shape == (None, 3)


def test_a_name_stands_for_its_constructor_and_configuration():
    assert model_config("dsmn_sf").constructor is DSMN
    assert model_config("dsmn_sf").config == {"pattern": "SFFFF"}
    assert model_config("dssdn_large").constructor is DSSDN


def test_overrides_come_before_the_configuration_of_the_name(narrow):
    model = create_model("dsmn_s", **{**narrow, "pattern": "FF"})
    assert [model.get_layer(f"block{index}").split for index in (1, 2)] == [False, False]
    assert model_config("dsmn_s").config == {"pattern": "SSSSS"}


@pytest.mark.parametrize(
    ("name", "nearest"), [("dsnm_s", "dsmn_s"), ("DSMN_SF", "dsmn_sf"), ("dssdn", "dssdn_large")]
)
def test_unknown_name_is_told_with_the_nearest(name, nearest):
    with pytest.raises(ModelError) as refused:
        create_model(name)
    assert repr(name) in str(refused.value)
    assert refused.value.fix is not None and refused.value.fix.startswith("did you mean")
    assert nearest in refused.value.fix


def test_a_name_like_no_other_is_told_with_all_of_them():
    with pytest.raises(ModelError) as refused:
        create_model("nosuch")
    assert refused.value.fix == f"choose one of {', '.join(list_models())}"


def test_a_name_like_no_other_is_told_with_the_whole_list():
    with pytest.raises(ModelError) as refused:
        model_config("zzzzzz")
    assert all(name in str(refused.value) for name in list_models())


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ({"foo": 1}, "'foo'"),
        ({"pattern": "SX"}, "'SX'"),
        ({"pattern": 5}, "int"),
        ({"widths": (8,)}, r"(8,)"),
        ({"variant": "huge"}, "'huge'"),
        ({"dropout": 3}, "rate=3"),
        ({"classes": 0}, "units=0"),
        ({"input_shape": (16, 16)}, "16, 16"),
        ({"input_shape": (16, 15, 1)}, "got 15"),
        ({"input_shape": (2, 16, 1)}, "the time axis has size 1"),
    ],
)
def test_bad_override_is_a_model_error_with_name_and_value_in_one_line(narrow, override, told):
    with pytest.raises(ModelError) as refused:
        create_model("dssdn_large", **{**narrow, **override})
    message = str(refused.value)
    assert message.startswith("model 'dssdn_large' cannot be built: ")
    assert told in message and "\n" not in message


def test_a_taken_name_cannot_be_registered_again():
    with pytest.raises(ValueError, match="'dsmn_s' is registered already"):
        register("dsmn_s", keras.Sequential, "another")
    assert model_config("dsmn_s").constructor is DSMN
