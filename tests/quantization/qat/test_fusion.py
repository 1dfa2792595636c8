from dssd_tf.quantization.qat.fusion import fuse_relu
from dssd_tf.quantization.qat.primitive import Primitive


def _fused(*rows):
    steps = [Primitive(kind, kind, tuple(inputs)) for kind, *inputs in rows]
    return [(p.kind, p.activation, p.inputs) for p in fuse_relu(steps)]


def test_a_relu_goes_into_the_step_before():
    found = _fused(("input",), ("conv", 0), ("relu", 1), ("depthwise", 2), ("relu6", 3))
    assert found == [
        ("input", None, ()),
        ("conv", "relu", (0,)),
        ("depthwise", "relu6", (1,)),
    ]


def test_what_is_needed_without_relu_too_keeps_its_tensor():
    found = _fused(("input",), ("conv", 0), ("relu", 1), ("add", 1, 2))
    assert [kind for kind, *_ in found] == ["input", "conv", "relu", "add"]


def test_a_tensor_that_is_added_to_itself_counts_twice():
    found = _fused(("input",), ("add", 0, 0), ("relu", 1))
    assert found[-1] == ("add", "relu", (0, 0))


def test_pools_and_second_activations_take_none():
    found = _fused(("input",), ("max_pool", 0), ("relu", 1), ("relu", 2))
    assert [(kind, activation) for kind, activation, _ in found] == [
        ("input", None),
        ("max_pool", None),
        ("relu", None),
        ("relu", None),
    ]
