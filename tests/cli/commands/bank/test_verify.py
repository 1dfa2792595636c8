from collections.abc import Callable
from pathlib import Path


def test_an_unknown_origin_is_a_fault_only_if_strict(
    dssd: Callable, imported: Callable, synthetic_set: Path
) -> None:
    bank = imported("big")
    assert dssd("bank", "verify", bank).code == 0
    lenient = dssd("bank", "verify", bank, "--data", synthetic_set)
    assert (lenient.code, lenient.out) == (0, "")
    assert "cannot be checked" in lenient.err
    strict = dssd("bank", "verify", bank, "--data", synthetic_set, "--strict")
    assert strict.code == 1
    assert "cannot be checked" in strict.out
    assert "1 faults" in strict.err


def test_a_leak_and_a_damaged_shard_are_faults(
    dssd: Callable, imported: Callable, copied_set: Path
) -> None:
    bank = imported("big", "--fold", 1, "--data", copied_set)
    setup = copied_set / "evaluation_setup"
    train, test = setup / "fold1_train.csv", setup / "fold1_evaluate.csv"
    listed = train.read_text()
    # The student's fold 2 is tested on what fold 1 trains on.
    (setup / "fold2_train.csv").write_text(test.read_text())
    (setup / "fold2_evaluate.csv").write_text(listed)
    leak = dssd("bank", "verify", bank, "--data", copied_set, "--fold", 2)
    assert leak.code == 1
    assert "was trained on recording" in leak.out
    assert "clips are missing" in leak.out
    (shard,) = (bank / "big").glob("shard-*")
    shard.write_bytes(shard.read_bytes()[:100])
    damaged = dssd("bank", "verify", bank)
    assert damaged.code == 1
    assert str(shard) in damaged.out


def test_strict_needs_data(dssd: Callable, imported: Callable) -> None:
    result = dssd("bank", "verify", imported("big"), "--strict")
    assert result.code == 2
    assert "add --data DIR" in result.line
