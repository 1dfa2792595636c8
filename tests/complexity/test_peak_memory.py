from hypothesis import given
from hypothesis import strategies as st

from dssd_tf.complexity.peak_memory import Step, peak_memory


@st.composite
def programs(draw):
    """A random order of steps, each reading earlier tensors and writing one or two new ones."""
    known, steps = ["in0", "in1"], []
    for index in range(draw(st.integers(1, 8))):
        reads = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3))
        writes = [f"{index}.{k}" for k in range(draw(st.integers(1, 2)))]
        steps.append(Step(str(index), tuple(reads), tuple(writes)))
        known += writes
    sizes = {name: draw(st.integers(0, 100)) for name in known}
    outputs = draw(st.lists(st.sampled_from(known), min_size=1, max_size=2))
    return steps, sizes, outputs


@given(programs())
def test_equals_simulation_with_reference_counts(program):
    steps, sizes, outputs = program
    held = {"in0", "in1"}
    best = 0
    for index, step in enumerate(steps):
        held |= set(step.outputs)
        best = max(best, sum(sizes[name] for name in held))
        later = {name for later in steps[index + 1 :] for name in later.inputs} | set(outputs)
        held &= later
    unused = {
        name
        for name in ("in0", "in1")
        if name not in outputs and all(name not in step.inputs for step in steps)
    }
    peak = peak_memory(steps, sizes, ["in0", "in1"], outputs)
    assert peak.bytes == best
    assert sum(sizes[name] for name in peak.alive) == peak.bytes
    # An input that nothing reads is there when the first step runs, and never again.
    assert not unused & set(peak.alive) or peak.at == "0"


def test_first_of_equal_peaks_is_named_and_constants_are_ignored():
    steps = [Step("a", ("x", "weights"), ("y",)), Step("b", ("y", "weights"), ("z",))]
    peak = peak_memory(steps, {"x": 3, "y": 4, "z": 3}, ["x"], ["z"])
    assert (peak.bytes, peak.at, peak.alive) == (7, "a", ("y", "x"))


def test_nothing_to_run():
    assert peak_memory([], {}, [], []).bytes == 0
