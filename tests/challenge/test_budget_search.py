from dataclasses import asdict, replace
from itertools import combinations_with_replacement, product
from typing import Any

import pytest

from dssd_tf.challenge import Edition, load_edition
from dssd_tf.challenge import budget_prices as module
from dssd_tf.challenge.budget_networks import FAMILIES, NETWORKS
from dssd_tf.challenge.budget_row import BudgetRow
from dssd_tf.challenge.budget_search import NothingFitsError, search_budget
from dssd_tf.complexity.block_network_cost import BlockNetwork, block_network_cost
from dssd_tf.errors import DssdError, ModelError, PackageError

STEPS = (8, 12, 20, 28)
LIMITS = {"size": 2_400, "macs": 60_000}


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> BlockNetwork:
    """A network of three blocks on a small input, known to the search."""
    network = BlockNetwork("osc", (8, 16, 1), 4, "SFF", (8, 8, 8), stem_width=6, hidden_units=5)
    monkeypatch.setitem(NETWORKS, "tiny", network)
    return network


@pytest.fixture
def tight() -> Edition:
    """The 2024 edition with limits that some of the tiny networks keep."""
    edition = load_edition(2024)
    limits = [limit.model_copy(update={"value": LIMITS[limit.name]}) for limit in edition.limits]
    return edition.model_copy(update={"limits": limits})


def _brute_force(network: BlockNetwork) -> dict[tuple[str, tuple[int, ...]], float]:
    """What fits the tight limits, with the percent of the tightest, one network after another."""
    fitting = {}
    for pattern in map("".join, product("SF", repeat=3)):
        for widths in combinations_with_replacement(STEPS, 3):
            cost = block_network_cost(replace(network, pattern=pattern, widths=widths))
            if cost.parameters <= LIMITS["size"] and cost.macs_torchinfo <= LIMITS["macs"]:
                used = (cost.parameters / LIMITS["size"], cost.macs_torchinfo / LIMITS["macs"])
                fitting[pattern, widths] = 100 * max(used)
    return fitting


def _keys(rows: tuple[BudgetRow, ...]) -> list[tuple[str, tuple[int, ...]]]:
    return [(row.pattern, row.widths) for row in rows]


def test_it_finds_what_trying_every_network_finds(tiny: BlockNetwork, tight: Edition) -> None:
    search = search_budget("tiny", tight, widths=STEPS, most=10_000)
    expected = _brute_force(tiny)
    assert search.tried == 8 * 20
    assert 10 < search.fitting == len(expected) < search.tried
    assert set(_keys(search.rows)) == set(expected)
    assert [row.tightest for row in search.rows] == pytest.approx(
        sorted(expected.values(), reverse=True)
    )
    # Each limit is the one that decides somewhere, else the test would show half.
    tightest = {max(row.uses, key=lambda use: use.percent).name for row in search.rows}
    assert tightest == {"size", "macs"}


def test_a_row_one_step_wider_is_listed_only_if_it_fits(tiny: BlockNetwork, tight: Edition) -> None:
    rows = search_budget("tiny", tight, widths=STEPS, most=10_000).rows
    listed, over = set(_keys(rows)), 0
    for row in rows:
        for block, width in enumerate(row.widths[:-1]):
            if width == STEPS[-1] or width == row.widths[block + 1]:
                continue
            wider = list(row.widths)
            wider[block] = STEPS[STEPS.index(width) + 1]
            if wider != sorted(wider):
                continue
            cost = block_network_cost(replace(tiny, pattern=row.pattern, widths=tuple(wider)))
            fits = cost.parameters <= LIMITS["size"] and cost.macs_torchinfo <= LIMITS["macs"]
            assert ((row.pattern, tuple(wider)) in listed) is fits
            over += not fits
    assert over


def test_fewer_rows_are_the_first_of_all(
    tiny: BlockNetwork, tight: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = search_budget("tiny", tight, widths=STEPS, most=10_000).rows
    monkeypatch.setattr(module, "_CHUNK", 7)
    few = search_budget("tiny", tight, widths=STEPS[::-1] * 2, most=5)
    assert few.rows == every[:5]
    assert few.fitting == len(every)


def test_equally_full_networks_come_by_parameters_then_multiply_adds(
    tiny: BlockNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one width throughout, patterns with as many splits have the same parameters."""
    monkeypatch.setitem(NETWORKS, "tiny", replace(tiny, stem_width=8))
    edition = load_edition(2024)
    edition = edition.model_copy(update={"limits": edition.limits[:1]})
    arguments: dict[str, Any] = {"patterns": ["FSS", "SSF", "SFS"], "widths": [8]}
    rows = search_budget("tiny", edition, **arguments).rows
    assert len({row.tightest for row in rows}) == len({row.parameters for row in rows}) == 1
    macs = [row.macs_torchinfo for row in rows]
    assert macs == sorted(macs) and len(set(macs)) == 3
    assert search_budget("tiny", edition, **arguments, most=1).rows == rows[:1]


@pytest.mark.parametrize("year", [2022, 2024])
def test_the_default_search_lists_only_what_fits(year: int) -> None:
    edition = load_edition(year)
    search = search_budget("dssdn_small", edition)
    assert search.tried == 2**5 * 15_504
    assert 20 == len(search.rows) < search.fitting < search.tried
    for row in search.rows:
        network = replace(NETWORKS[row.model], pattern=row.pattern, widths=row.widths)
        cost = asdict(block_network_cost(network))
        assert {name: getattr(row, name) for name in cost} == cost
        assert row.int8_bytes == row.parameters <= 128_000
        assert [use.limit for use in row.uses] == [limit.value for limit in edition.limits]
        assert 99 < row.tightest <= 100


def test_room_is_left_below_estimated_limits_only() -> None:
    """In 2024 the bytes are estimated and the multiply-adds exact."""
    edition = load_edition(2024)
    arguments: dict[str, Any] = {"patterns": ["SFFFF", "SSSSS"], "most": 100_000}
    every = search_budget("dssdn_small", edition, **arguments).rows
    roomy = search_budget("dssdn_small", edition, **arguments, room=20).rows
    assert roomy == tuple(row for row in every if row.uses[0].percent <= 80)
    assert roomy[0].uses[1].percent > 99
    assert len(roomy) < len(every)


def test_a_search_that_fails_for_want_of_room_says_so() -> None:
    with pytest.raises(NothingFitsError, match="with 99 % of the estimated ones left free"):
        search_budget("dssdn_small", load_edition(2024), widths=[16], room=99)


def test_what_is_exact_and_what_is_an_estimate() -> None:
    for year, measure, basis in ((2022, "macs", "estimate"), (2024, "macs_torchinfo", "exact")):
        (row,) = search_budget("dsmn", load_edition(year), patterns=["SFFFF"], most=1).rows
        size, macs = row.uses
        assert (size.basis, size.measured) == ("estimate", row.parameters)
        assert (macs.basis, macs.measured) == (basis, getattr(row, measure))


def test_a_row_is_a_network_that_can_be_built() -> None:
    from dssd_tf.complexity import measure
    from dssd_tf.models import create_model

    search = search_budget(
        "dssdn", load_edition(2024), patterns=["SF"], input_shape=(9, 40, 2), classes=3, most=1
    )
    (row,) = search.rows
    assert (search.input_shape, search.classes) == ((9, 40, 2), 3)
    model = create_model(
        row.model, pattern=row.pattern, widths=row.widths, input_shape=(9, 40, 2), classes=3
    )
    found = measure(model)
    for figure in ("parameters", "macs", "macs_torchinfo"):
        assert getattr(row, figure) == getattr(found, figure)


def test_a_family_is_searched_with_each_of_its_operators() -> None:
    search = search_budget("dssdn", load_edition(2024), widths=(16, 24, 32), most=10_000)
    assert {row.model for row in search.rows} == set(FAMILIES["dssdn"])
    alone = search_budget("dssdn_middle", load_edition(2024), widths=(16, 24, 32), most=10_000)
    assert tuple(row for row in search.rows if row.model == "dssdn_middle") == alone.rows


def test_widths_that_the_operator_cannot_take_are_left_out() -> None:
    """An odd width suits the grouped operator behind the last block only."""
    search = search_budget(
        "dsmn", load_edition(2024), patterns=["SFFFF"], widths=(8, 9), most=10_000
    )
    assert {row.widths for row in search.rows} == {(8, 8, 8, 8, 8), (8, 8, 8, 8, 9)}
    assert search.tried == 2


def test_patterns_that_the_input_does_not_take_are_left_out_unless_asked_for() -> None:
    arguments: dict[str, Any] = {"input_shape": (51, 40, 1), "widths": (8, 16)}
    search = search_budget("dssdn_small", load_edition(2024), **arguments, most=10_000)
    assert {row.pattern[3] for row in search.rows} == {"F"}
    assert len(search.skipped) == 16 and {pattern[3] for pattern in search.skipped} == {"S"}
    with pytest.raises(ModelError, match="block 4 gets 5 bands"):
        search_budget("dssdn_small", load_edition(2024), **arguments, patterns=["SSSSS"])


def test_patterns_of_several_lengths_are_searched_together() -> None:
    search = search_budget(
        "dsmn", load_edition(2024), patterns=["SF", "FFF", "SF"], widths=(8, 16), most=10_000
    )
    assert {(row.pattern, len(row.widths)) for row in search.rows} == {("SF", 2), ("FFF", 3)}
    assert search.tried == 3 + 4


def test_where_nothing_fits_the_smallest_is_named(tiny: BlockNetwork, tight: Edition) -> None:
    with pytest.raises(NothingFitsError) as error:
        search_budget("tiny", tight, widths=(40, 64))
    assert error.value.exit_code == 3
    cost = block_network_cost(replace(tiny, pattern="SSS", widths=(40, 40, 40)))
    assert cost.parameters > LIMITS["size"]
    assert "nothing of the 32 tried" in str(error.value)
    assert "tiny SSS 40,40,40" in str(error.value)
    assert f"{cost.parameters:,} bytes" in str(error.value)
    assert f"{cost.macs_torchinfo:,} macs" in str(error.value)


@pytest.mark.parametrize(
    ("model", "arguments", "words"),
    [
        ("dssdn_smal", {}, "did you mean 'dssdn_small'"),
        ("cp_mobile", {}, "unknown network of distilled blocks 'cp_mobile'"),
        ("dsmn", {"patterns": ["SFXFF"]}, "'SFXFF'"),
        ("dsmn", {"widths": [16, 0]}, "width 0"),
        ("dsmn", {"widths": [-8]}, "width -8"),
        ("dsmn", {"widths": [5000]}, "width 5000"),
        ("dsmn", {"widths": []}, "no width"),
        ("dsmn", {"widths": [5, 7]}, "none of the widths can be built"),
        ("dsmn", {"widths": range(1, 200)}, "199 widths in 5 blocks make"),
        ("dsmn", {"most": 0}, "0 rows"),
        ("dsmn", {"room": 100}, "100 % of the limits"),
        ("dsmn", {"room": -1}, "-1 % of the limits"),
        ("dsmn", {"room": float("nan")}, "nan % of the limits"),
        ("dsmn", {"classes": 0}, "classes has size 0"),
        ("dsmn", {"input_shape": (44, 0, 2)}, "input_shape has size 0"),
        ("dsmn", {"input_shape": (20, 40, 2)}, "too small to be halved"),
    ],
)
def test_bad_input_is_told_in_one_line(model: str, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(DssdError, match=words) as error:
        search_budget(model, load_edition(2024), **arguments)
    assert error.value.exit_code == 2
    assert "\n" not in str(error.value)
    assert error.value.fix


def test_a_measure_without_a_closed_form_is_refused() -> None:
    edition = load_edition(2024)
    limit = edition.limits[0].model_copy(update={"measure": "size_bytes_nessi"})
    with pytest.raises(PackageError, match="size_bytes_nessi"):
        search_budget("dsmn", edition.model_copy(update={"limits": [limit]}))


def test_float_bytes_are_four_a_parameter() -> None:
    edition = load_edition(2024)
    limit = edition.limits[0].model_copy(update={"model": "float"})
    (row,) = search_budget(
        "dsmn", edition.model_copy(update={"limits": [limit]}), patterns=["SS"], most=1
    ).rows
    (use,) = row.uses
    assert (use.measured, use.basis) == (4 * row.parameters, "exact")
