import threading

import keras
import pytest
from keras import layers

from dssd_tf.complexity.keras_trace import Trace, _recorded_calls, trace
from dssd_tf.errors import ModelError


class Failing(layers.Layer):
    def call(self, x):
        raise ValueError("cannot\ncompute")


def test_calls_have_paths_shapes_and_order():
    inputs = keras.Input((6, 4))
    inner = keras.Sequential([layers.Dense(3, name="a"), layers.ReLU(name="b")], name="inner")
    model = keras.Model(inputs, layers.Flatten(name="flat")(inner(inputs)), name="net")
    result = trace(model)
    leaves = [(call.path, call.output_shape) for call in result.calls if call.leaf]
    assert leaves == [
        ("inner/a", (1, 6, 3)),
        ("inner/b", (1, 6, 3)),
        ("flat", (1, 18)),
    ]
    composite = {call.path for call in result.calls if not call.leaf}
    assert composite == {"inner", "net"}
    assert [tuple(t.shape) for t in result.outputs] == [(1, 18)]


def test_layer_call_is_restored_after_success_and_failure():
    original = keras.layers.Layer.__call__
    inputs = keras.Input((3,))
    trace(keras.Model(inputs, layers.Dense(2)(inputs)))
    assert keras.layers.Layer.__call__ is original
    failing = Failing(name="failing")
    failing.built = True
    with pytest.raises(ModelError, match=r"failing.*does not run") as caught:
        trace(failing, (3,))
    assert "\n" not in str(caught.value)
    assert keras.layers.Layer.__call__ is original


def test_other_threads_are_not_recorded():
    import tensorflow as tf

    dense = layers.Dense(2)
    dense.build((1, 3))
    results = []

    def elsewhere(graph):
        with graph.as_default():
            results.append(dense(tf.zeros((1, 3))))

    @tf.function(autograph=False)
    def forward(x):
        record = Trace(graph=tf.compat.v1.get_default_graph())
        with _recorded_calls(record):
            thread = threading.Thread(target=elsewhere, args=(record.graph,))
            thread.start()
            thread.join()
            own = dense(x)
        results.append(len(record.calls))
        return own

    forward(tf.zeros((1, 3)))
    assert len(results[0].shape) == 2 and results[1] == 1


def test_weights_and_batch_statistics_stay_untouched():
    inputs = keras.Input((5, 4))
    model = keras.Model(inputs, layers.Dropout(0.5)(layers.BatchNormalization()(inputs)))
    before = [w.numpy() for w in model.weights]
    trace(model)
    for old, new in zip(before, model.weights, strict=True):
        assert (old == new.numpy()).all()
