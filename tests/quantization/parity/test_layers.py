import re

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from flatbuffers import Builder

from dssd_tf.errors import ModelError
from dssd_tf.quantization.deploy_form import deploy_form
from dssd_tf.quantization.parity import TensorParity, layer_parity
from dssd_tf.quantization.ptq import quantize_ptq


@pytest.fixture(scope="module")
def plain_int8(plain_model, clips):
    return quantize_ptq(plain_model, clips(32, (12, 10, 1)))


def without_names(content):
    """The file with every tensor's name and the signatures taken out."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    for tensor in model.subgraphs[0].tensors:
        tensor.name = None
    model.signatureDefs = model.metadata = None
    builder = Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def outputs(content, features):
    """Output integers of the built-in kernels, their scale and zero point."""
    interpreter = Interpreter(
        model_content=content,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    scale, zero = source["quantization"]
    found = []
    for clip in features:
        raw = np.clip(np.round(clip / scale + zero), -128, 127).astype(np.int8)
        interpreter.set_tensor(source["index"], raw[None])
        interpreter.invoke()
        found.append(interpreter.get_tensor(target["index"])[0])
    return np.array(found), *target["quantization"]


def test_ratio_is_that_of_the_definition(plain_model, plain_int8, clips):
    features = clips(9, (12, 10, 1), seed=3)
    deployed = deploy_form(plain_model)
    *_, last = layer_parity(deployed, plain_int8, features)
    raw, scale, zero = outputs(plain_int8, features)
    expected = np.asarray(deployed(features), dtype=np.float64)
    noise = expected - (raw.astype(np.float64) - zero) * scale
    assert last.layer == deployed.layers[-1].name
    assert last.signal == pytest.approx(np.mean(expected**2), rel=1e-5)
    assert last.noise == pytest.approx(np.mean(noise**2), rel=1e-3)
    ratio = 10 * np.log10(np.sum(expected**2) / np.sum(noise**2))
    assert last.sqnr_db == pytest.approx(ratio, abs=0.01)
    assert last.saturated == np.mean((raw == -128) | (raw == 127))


def test_the_input_is_rounded_and_cut(plain_model, plain_int8, clips):
    features = 3 * clips(5, (12, 10, 1), seed=4)
    first = layer_parity(deploy_form(plain_model), plain_int8, features)[0]
    low, high = ((limit - first.zero_point) * first.scale for limit in (-128, 127))
    assert first.operator == "input" and first.type == "InputLayer"
    rounded = np.round(features / first.scale + first.zero_point)
    assert first.saturated == pytest.approx(np.mean((rounded <= -128) | (rounded >= 127)))
    half = first.scale / 2
    outside = (features < low - half) | (features > high + half)
    assert first.clipped == pytest.approx(outside.mean(), abs=1e-3)
    assert first.clipped > 0.05
    cut = np.clip(rounded, -128, 127)
    noise = features - (cut - first.zero_point) * first.scale
    assert first.noise == pytest.approx(np.mean(np.square(noise)), rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "pattern"), [("dsmn_sf", "SF"), ("dssdn_small", "SF")])
def test_every_layer_is_found_without_names(narrow, clips, name, pattern):
    model = narrow(name, pattern)
    content = quantize_ptq(model, clips(16, (16, 16, 2)))
    deployed = deploy_form(model)
    features = clips(6, (16, 16, 2), seed=1)
    rows = layer_parity(deployed, content, features)
    assert rows == layer_parity(deployed, without_names(content), features)
    names = [row.layer for row in rows if row.layer is not None]
    assert len(set(names)) == len(names)
    computing = {
        layer.name
        for layer in deployed.layers
        if type(layer).__name__ in ("Conv2D", "Dense", "Add", "Multiply")
    }
    assert computing <= set(names)
    assert rows[0].layer == "features" and rows[-1].layer == deployed.layers[-1].name
    assert all(row.sqnr_db > 15 for row in rows if row.sqnr_db is not None)


def test_a_spoiled_layer_shows_where_it_is(plain_model, plain_int8, clips):
    """With the kernel of the dense layer changed, only what comes after it is worse."""
    features = clips(8, (12, 10, 1), seed=2)
    deployed = deploy_form(plain_model)
    before = {row.layer: row.sqnr_db for row in layer_parity(deployed, plain_int8, features)}
    dense = next(layer for layer in deployed.layers if type(layer).__name__ == "Dense")
    kernel, bias = dense.get_weights()
    rng = np.random.default_rng(0)
    dense.set_weights([kernel + 0.3 * kernel.std() * rng.standard_normal(kernel.shape), bias])
    after = {row.layer: row.sqnr_db for row in layer_parity(deployed, plain_int8, features)}
    assert list(after) == list(before)
    at = list(after).index(dense.name)
    for place, layer in enumerate(after):
        if place < at:
            assert after[layer] == pytest.approx(before[layer])
        else:
            assert after[layer] < before[layer] - 5


def test_json_of_a_row():
    alone = TensorParity("CONV_2D", (3,), 0.1, 4, 0.25)
    assert alone.sqnr_db is None and alone.as_json()["layer"] is None
    exact = TensorParity("CONV_2D", (3,), 0.1, 4, 0.0, "conv", "Conv2D", 2.0, 0.0, 0.0)
    assert exact.sqnr_db is None and exact.as_json()["noise"] == 0.0
    known = TensorParity("CONV_2D", (3,), 0.1, 4, 0.0, "conv", "Conv2D", 2.0, 0.02, 0.0)
    assert known.as_json()["sqnr_db"] == pytest.approx(20.0)
    silent = TensorParity("CONV_2D", (3,), 0.1, 4, 0.0, "conv", "Conv2D", 0.0, 0.02, 0.0)
    assert silent.sqnr_db is None


def test_clips_are_taken_one_by_one(plain_model, plain_int8, clips):
    features = clips(5, (12, 10, 1))
    deployed = deploy_form(plain_model)
    assert layer_parity(deployed, plain_int8, iter(features)) == layer_parity(
        deployed, plain_int8, features
    )
    assert layer_parity(deployed, plain_int8, features[:1])[0].layer == "features"


def test_no_clips_and_things_that_do_not_fit(plain_model, plain_int8, int8_network, clips):
    deployed = deploy_form(plain_model)
    with pytest.raises(ModelError, match="give at least one clip"):
        layer_parity(deployed, plain_int8, [])
    with pytest.raises(ModelError, match=re.escape("clips of shape (5, 5, 1)")):
        layer_parity(deployed, plain_int8, clips(1, (5, 5, 1)))
    with pytest.raises(ModelError, match=re.escape("takes (16, 16, 2), the float one (12, 10, 1)")):
        layer_parity(deployed, int8_network, clips(1, (12, 10, 1)))
