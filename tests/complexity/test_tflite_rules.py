import math

import pytest
from ai_edge_litert import schema_py_generated as schema

from dssd_tf.complexity.tflite_graph import Operator, Tensor
from dssd_tf.complexity.tflite_rules import NESSI_RULES, TRUE_RULES, WITHOUT_MACS, OperatorCall


def call(kind, inputs, output, pool=None):
    def tensor(shape):
        return None if shape is None else Tensor("t", shape, "int8", True, False, None)

    operator = Operator(kind, tuple(range(len(inputs))), (9,), pool)
    return OperatorCall(operator, tuple(map(tensor, inputs)), (tensor(output),))


# name, inputs, output, pool window, multiply-adds, NeSsi's
CASES = [
    ("CONV_2D", [(1, 9, 8, 3), (5, 3, 2, 3), (5,)], (1, 7, 7, 5), None, 49 * 5 * 18, 49 * 5 * 18),
    # Grouped: the kernel holds the channels of one group.
    ("CONV_2D", [(1, 4, 4, 8), (8, 1, 1, 2), None], (1, 4, 4, 8), None, 16 * 8 * 2, 16 * 8 * 2),
    ("DEPTHWISE_CONV_2D", [(1, 6, 6, 4), (1, 3, 1, 4), (4,)], (1, 4, 6, 4), None, 288, 288),
    ("FULLY_CONNECTED", [(1, 64), (10, 64), (10,)], (1, 10), None, 640, 640),
    ("FULLY_CONNECTED", [(1, 2, 1, 32), (10, 64), (10,)], (1, 10), None, 640, 320),
    ("MAX_POOL_2D", [(1, 8, 8, 3)], (1, 4, 2, 3), (2, 4), 0, 24 * 8),
    ("AVERAGE_POOL_2D", [(1, 8, 8, 3)], (1, 4, 4, 3), (2, 2), 0, 48 * 4),
    ("MEAN", [(1, 4, 5, 6), (2,)], (1, 6), None, 0, 120),
    ("MEAN", [(1, 4, 5), (1,)], (1, 5), None, 0, 0),
    ("ADD", [(1, 4, 5), (1, 4, 5)], (1, 4, 5), None, 0, 20),
    ("TRANSPOSE_CONV", [(4,), (5, 3, 3, 2), (1, 4, 4, 2)], (1, 8, 8, 5), None, 16 * 90, 0),
    ("CONV_3D", [(1, 4, 4, 4, 1), (2, 2, 2, 1, 3), (3,)], (1, 3, 3, 3, 3), None, 81 * 8, 0),
    ("BATCH_MATMUL", [(2, 3, 4), (2, 4, 5)], (2, 3, 5), None, 2 * 3 * 4 * 5, 0),
    ("BATCH_MATMUL", [(2, 4, 3), (2, 4, 5)], (2, 3, 5), None, 2 * 3 * 4 * 5, 0),
    ("MUL", [(1, 4), (1, 4)], (1, 4), None, 0, 0),
]


@pytest.mark.parametrize(("kind", "inputs", "output", "pool", "true", "nessi"), CASES)
def test_by_hand(kind, inputs, output, pool, true, nessi):
    operator = call(kind, inputs, output, pool)
    assert TRUE_RULES.get(kind, lambda _: 0)(operator) == true
    assert NESSI_RULES.get(kind, lambda _: 0)(operator) == nessi


def test_names_are_tflite_operators():
    known = set(vars(schema.BuiltinOperator))
    assert set(TRUE_RULES) | set(NESSI_RULES) | WITHOUT_MACS <= known
    assert not set(TRUE_RULES) & WITHOUT_MACS
    assert set(NESSI_RULES) <= set(TRUE_RULES) | WITHOUT_MACS


def test_left_out_input_is_an_error_where_it_is_needed():
    with pytest.raises(ValueError, match="FULLY_CONNECTED without input 1"):
        TRUE_RULES["FULLY_CONNECTED"](call("FULLY_CONNECTED", [(1, 4), None], (1, 2)))


def test_written_counts_elements():
    assert call("ADD", [(2, 3)], (2, 3, 4)).written == math.prod((2, 3, 4))
