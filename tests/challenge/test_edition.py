import pytest

from dssd_tf.challenge import list_editions, load_edition
from dssd_tf.errors import PackageError


@pytest.mark.parametrize(
    ("year", "rows", "systems", "splits", "size_unit"),
    [
        (2021, 7_920, 4, [], "bytes"),
        (2022, 118_800, 4, [], "parameters"),
        (2023, 118_800, 4, [], "bytes"),
        (2024, 135_730, 3, [5, 10, 25, 50, 100], "bytes"),
        (2025, 178_930, 4, [], "bytes"),
    ],
)
def test_an_edition_states_its_rules(
    year: int, rows: int, systems: int, splits: list[int], size_unit: str
) -> None:
    edition = load_edition(year)
    limits = {limit.name: limit for limit in edition.limits}
    assert (edition.rows.value, edition.systems.value) == (rows, systems)
    assert edition.splits.value == splits
    assert (limits["size"].value, limits["size"].unit) == (128_000, size_unit)
    assert ("macs" in limits) == (year > 2021)
    assert all(limit.value == 30_000_000 for name, limit in limits.items() if name == "macs")
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
def test_limits_name_the_model_and_the_measure(
    year: int, limits: dict[str, tuple[int, str, str, str]]
) -> None:
    assert {
        limit.name: (limit.value, limit.unit, limit.model, limit.measure)
        for limit in load_edition(year).limits
    } == limits


def test_every_year_from_2021_to_2025_is_there() -> None:
    assert list_editions() == [2021, 2022, 2023, 2024, 2025]
    assert [load_edition(year).year for year in list_editions()] == list_editions()


@pytest.mark.parametrize("year", list_editions())
def test_the_devices_of_the_results_are_those_of_the_development_set(year: int) -> None:
    edition = load_edition(year)
    devices = edition.devices
    assert edition.meta.devices.value == [*devices.seen.value, *devices.unseen.value]
    assert len(set(devices.names)) == len(devices.names) == 14


@pytest.mark.parametrize("year", list_editions())
def test_the_result_groups_of_an_edition_with_splits_are_its_splits(year: int) -> None:
    edition = load_edition(year)
    if edition.splits.value:
        assert edition.result_groups == [f"split_{split}" for split in edition.splits.value]
        assert edition.outputs == edition.splits.value
    else:
        assert edition.outputs == [None]


def test_what_nobody_read_at_the_source_is_marked() -> None:
    of_2025 = load_edition(2025)
    assert of_2025.meta.keys.unverified
    assert of_2025.layout.output.unverified
    assert not of_2025.rows.unverified


def test_only_2025_judges_models_one_by_one() -> None:
    rules = {year: load_edition(year).one_by_one for year in list_editions()}
    assert [year for year, rule in rules.items() if rule is not None and rule.value] == [2025]
    assert [year for year in list_editions() if load_edition(year).device_models] == [2025]
