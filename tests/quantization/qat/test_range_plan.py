from dssd_tf.quantization.qat.primitive import Primitive
from dssd_tf.quantization.qat.range_plan import FIXED, plan_ranges


def _plan(*rows, **options):
    return plan_ranges([Primitive(kind, kind, tuple(i)) for kind, *i in rows], **options)


def test_each_computed_tensor_has_a_range_of_its_own():
    plan = _plan(("input",), ("conv", 0), ("dense", 1), ("multiply", 2, 1))
    assert len(set(plan.group)) == 4 and all(plan.observes)
    assert plan.groups == sorted(plan.group)


def test_values_of_the_input_are_not_rounded_again():
    plan = _plan(("input",), ("slice", 0), ("reshape", 1), ("max_pool", 2), ("pad", 3))
    assert plan.group == (0, None, None, None, None)


def test_an_average_is_rounded_to_the_scale_of_its_input():
    plan = _plan(("input",), ("conv", 0), ("average_pool", 1))
    assert plan.group[2] == plan.group[1]
    assert plan.observes == (True, True, False)


def test_a_concatenation_shares_one_range_with_its_inputs():
    plan = _plan(("input",), ("conv", 0), ("conv", 0), ("slice", 2), ("concatenate", 1, 3))
    assert plan.group[1] == plan.group[2] == plan.group[4] != plan.group[0]
    assert plan.observes == (True, True, True, False, False)


def test_inputs_of_an_addition_share_a_range_unless_told_otherwise():
    rows = (("input",), ("conv", 0), ("conv", 0), ("add", 1, 2))
    shared, apart = _plan(*rows), _plan(*rows, shared_add_scale=False)
    assert shared.group[1] == shared.group[2] != shared.group[3]
    assert len(set(apart.group)) == 4


def test_a_prescribed_range_holds_for_what_has_the_same_scale():
    plan = _plan(("input",), ("sigmoid", 0), ("average_pool", 1))
    assert plan.fixed == {plan.group[1]: FIXED["sigmoid"]}
    assert plan.group[2] == plan.group[1]
    assert plan.observes == (True, False, False)
    assert plan.groups == [0]


def test_a_prescribed_range_is_not_forced_on_the_others_of_a_concatenation():
    plan = _plan(("input",), ("sigmoid", 0), ("conv", 0), ("concatenate", 1, 2))
    assert plan.group[3] == plan.group[2] != plan.group[1]
    assert plan.observes == (True, False, True, True)
    plan = _plan(("input",), ("sigmoid", 0), ("add", 0, 1))
    assert len(set(plan.group)) == 3
