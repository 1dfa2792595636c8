import pytest

from dssd_tf.challenge import list_editions, list_limits, load_edition, load_limits
from dssd_tf.errors import PackageError


@pytest.mark.parametrize(
    ("year", "rows", "systems", "splits", "size_unit"),
    [(2022, 118_800, 4, [], "parameters"), (2024, 135_730, 3, [5, 10, 25, 50, 100], "bytes")],
)
def test_an_edition_states_its_rules(
    year: int, rows: int, systems: int, splits: list[int], size_unit: str
) -> None:
    edition = load_edition(year)
    limits = {limit.name: limit for limit in edition.limits}
    assert (edition.rows.value, edition.systems.value) == (rows, systems)
    assert edition.splits.value == splits
    assert (limits["size"].value, limits["size"].unit) == (128_000, size_unit)
    assert limits["macs"].value == 30_000_000
    assert edition.classes.value == sorted(edition.classes.value)
    assert len(edition.classes.value) == 10
    assert load_edition(str(year)) == edition


@pytest.mark.parametrize("year", list_editions())
def test_every_measure_in_the_meta_file_is_a_required_key(year: int) -> None:
    edition = load_edition(year)
    required = edition.meta.keys.value["system"]["complexity"]
    assert set(edition.meta.complexity) == set(required)
    assert {limit.meta_key for limit in edition.limits} <= set(required)


@pytest.mark.parametrize("year", list_editions())
def test_every_nullable_key_exists(year: int) -> None:
    meta = load_edition(year).meta
    for path in meta.nullable.value:
        shape = meta.keys.value
        for key in path.split("."):
            assert key in shape, path
            shape = shape[key]


def test_an_unknown_year_names_the_known_ones() -> None:
    with pytest.raises(PackageError, match=r"unknown edition 1999.*2022.*2024"):
        load_edition(1999)


def test_a_year_cannot_lead_out_of_the_folder() -> None:
    with pytest.raises(PackageError, match="unknown edition"):
        load_edition("../editions/2022")


def test_a_fact_from_memory_is_marked() -> None:
    assert load_edition(2022).ranking.unverified
    assert not load_edition(2024).ranking.unverified


@pytest.mark.parametrize(
    ("year", "limits"),
    [
        (2021, {"size": (128_000, "bytes", "deployed", "size_bytes_nonzero")}),
        (
            2023,
            {
                "size": (128_000, "bytes", "deployed", "size_bytes"),
                "macs": (30_000_000, "macs", "deployed", "macs_nessi_tflite"),
            },
        ),
        (
            2025,
            {
                "size": (128_000, "bytes", "deployed", "size_bytes"),
                "macs": (30_000_000, "macs", "float", "macs_torchinfo"),
            },
        ),
    ],
)
def test_limits_are_known_where_packages_are_not(
    year: int, limits: dict[str, tuple[int, str, str, str]]
) -> None:
    known = load_limits(year)
    assert known.year == year
    assert {
        limit.name: (limit.value, limit.unit, limit.model, limit.measure) for limit in known.limits
    } == limits
    with pytest.raises(PackageError, match=f"of edition {year} only the limits are known"):
        load_edition(year)


def test_every_edition_has_limits() -> None:
    assert list_limits() == [2021, 2022, 2023, 2024, 2025]
    assert set(list_editions()) < set(list_limits())
    for year in list_editions():
        assert load_limits(year) == load_edition(year)
    with pytest.raises(PackageError, match=r"unknown edition 1999.*2021.*2025"):
        load_limits(1999)


def test_only_2025_judges_models_one_by_one() -> None:
    rules = {year: load_limits(year).one_by_one for year in list_limits()}
    assert [year for year, rule in rules.items() if rule is not None and rule.value] == [2025]
