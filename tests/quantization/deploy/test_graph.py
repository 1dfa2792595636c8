import keras
import numpy as np
import pytest
from keras import layers

from dssd_tf.quantization.deploy.graph import Step, build, order, readers, replace, rewrite


def _source(*shape):
    return Step(None, name="features", shape=(None, *shape))


def _relu(x, name="relu"):
    return Step(layers.ReLU, {}, (x,), name=name)


def _add(*inputs, name="sum"):
    return Step(layers.Add, {}, inputs, name=name)


def test_a_step_knows_its_shape_from_its_inputs():
    x = _source(8, 6, 2)
    kernel, bias = np.zeros((3, 3, 2, 5), "float32"), np.zeros(5, "float32")
    config = {"filters": 5, "kernel_size": (3, 3), "strides": (2, 1)}
    y = Step(layers.Conv2D, config, (x,), (kernel, bias), "conv")
    assert y.shape == (None, 3, 4, 5) and y.channels == 5
    joined = Step(layers.Concatenate, {}, (y, y, y))
    assert joined.channels == 15


def test_a_kernel_larger_than_the_grid_is_refused_at_once():
    with pytest.raises(ValueError, match="negative"):
        Step(layers.Conv2D, {"filters": 1, "kernel_size": (5, 5)}, (_source(4, 4, 1),))


def test_order_puts_each_step_once_and_behind_all_that_it_reads():
    x = _source(4, 4, 2)
    shared = _relu(x)
    output = _add(_add(shared, x), _relu(shared), shared)
    steps = order(output)
    places = {id(step): place for place, step in enumerate(steps)}
    assert len(places) == len(steps) == 5
    assert steps[0] is x and steps[-1] is output
    assert all(places[id(read)] < places[id(step)] for step in steps for read in step.inputs)


def test_two_thousand_steps_in_a_row_need_no_recursion():
    x = output = _source(2)
    for _ in range(2000):
        y = object.__new__(Step)  # without the cost of a layer each
        y.kind, y.inputs = layers.ReLU, (output,)
        output = y
    assert len(order(output)) == 2001 and order(output)[0] is x


def test_readers_are_counted_as_often_as_they_read():
    x = _source(4, 4, 2)
    y = _relu(x)
    output = _add(y, y, x)
    found = readers(output)
    assert found[id(y)] == [output, output]
    assert found[id(x)] == [y, output]
    assert id(output) not in found


def test_replace_leaves_what_the_new_step_is_made_of():
    x = _source(4, 4, 2)
    old = _relu(x)
    reader = _add(old, x)
    new = _relu(_relu(old, "inner"), "outer")
    output = replace(reader, old, new, readers(reader)[id(old)] + [new.inputs[0]])
    assert output is reader and reader.inputs == (new, x)
    assert new.inputs[0].inputs == (old,)


def test_replace_of_the_last_step_gives_the_new_one():
    old = _relu(_source(3))
    new = _relu(old)
    assert replace(old, old, new, ()) is new
    assert new.inputs == (old,)


def test_rewrite_goes_on_until_nothing_changes():
    def merge(step, known):
        twice = step.kind is layers.ReLU and step.inputs[0].kind is layers.ReLU
        return _relu(step.inputs[0].inputs[0], "merged") if twice else None

    x = output = _source(4)
    for _ in range(4):
        output = _relu(output)
    output = rewrite(_add(output, x), merge)
    assert [step.name for step in order(output)] == ["features", "merged", "sum"]
    assert rewrite(output, merge) is output


def test_build_gives_the_function_with_its_weights_and_names():
    x = _source(3)
    kernel, bias = np.float64([[1, 2], [3, 4], [5, 6]]), np.float64([0.5, -0.5])
    dense = Step(layers.Dense, {"units": 2}, (x,), (kernel, bias), "head")
    model = build(_add(dense, _relu(dense)), "net")
    assert model.name == "net" and model.input_shape == (None, 3)
    value = np.float32([1, -2, 1]) @ kernel + bias
    np.testing.assert_allclose(
        model(np.float32([[1, -2, 1]]))[0], value + np.maximum(value, 0), rtol=1e-6
    )


def test_names_are_unique_and_the_same_in_every_build():
    x = _source(4, 4, 2)
    kept = Step(layers.ReLU, {}, (Step(layers.Dropout, {"rate": 0.5}, (x,)),))
    output = _add(_relu(kept, "features"), _relu(kept, "twin"), _relu(x, "twin"))
    first, second = (build(output, "net") for _ in range(2))
    names = [layer.name for layer in first.layers]
    assert names == [layer.name for layer in second.layers]
    assert set(names) == {"features", "dropout", "re_lu", "features_2", "twin", "twin_2", "sum"}


def test_a_step_read_twice_is_one_layer():
    shared = _relu(_source(4))
    model = build(_add(shared, shared), "net")
    assert [type(layer) for layer in model.layers] == [
        keras.layers.InputLayer,
        layers.ReLU,
        layers.Add,
    ]


def test_weights_of_another_shape_are_refused():
    step = Step(layers.Dense, {"units": 2}, (_source(3),), (np.ones((2, 2)), np.ones(2)), "head")
    with pytest.raises(ValueError, match="shape"):
        build(step, "net")
