import time

import pytest

from dssd_tf.safe_yaml import UnsafeYamlError, load_yaml


def test_plain_yaml_and_a_few_aliases_load() -> None:
    assert load_yaml(b"a: &x {b: [1, 2.5, null]}\nc: *x\n") == {
        "a": {"b": [1, 2.5, None]},
        "c": {"b": [1, 2.5, None]},
    }
    assert load_yaml(b"") is None


def _laughs(levels: int) -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for level in range(1, levels):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]")
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (_laughs(9), "expands to more than"),
        (_laughs(20), "aliases"),
        (b"a: &a [*a]", "contains itself"),
        (b"[" * 10_000, "nested deeper"),
        (b"a: 1\nb: {c: 1, c: 2}\n", "'c' twice .line 2"),
        (b"!!python/object/apply:os.getcwd []", "not valid YAML"),
        (b"a: [", "not valid YAML"),
        (b"a: \xff", "not UTF-8"),
        (b"RIFF\x24\x00\x00\x00WAVE" + b"x" * 300_000, "holds no text"),
        (b"a: 2024-99-99", "cannot be read"),
        (b"a: " + b"9" * 5000, "cannot be read"),
        (b"? [a, b]\n: 1\n? {c: 1}\n: 2\n", "not valid YAML"),
        (b"x" * 300_000, "bytes, at most"),
        (b"a: 1\n---\nb: 2\n", "not valid YAML"),
    ],
)
def test_hostile_yaml_is_refused_quickly(data: bytes, reason: str) -> None:
    start = time.process_time()
    with pytest.raises(UnsafeYamlError, match=reason) as caught:
        load_yaml(data)
    assert time.process_time() - start < 2
    assert "\n" not in str(caught.value)


def test_many_nodes_are_refused_before_they_are_built() -> None:
    start = time.process_time()
    with pytest.raises(UnsafeYamlError, match="more than 20000 nodes"):
        load_yaml(b"[" + b"1," * 90_000 + b"1]")
    assert time.process_time() - start < 5
