import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.data import ClipName, parse_clip_name
from dssd_tf.data.clip_name import parse_clip_names

_part = st.text("abcXYZ_0189", min_size=1, max_size=8)


def test_five_parts_as_in_2020() -> None:
    assert parse_clip_name("audio/airport-lisbon-1000-40000-a.wav") == ClipName(
        "airport", "lisbon", "1000", "40000", None, "a"
    )


def test_six_parts_as_in_2022() -> None:
    assert parse_clip_name("audio/bus-milan-1100-41000-7-s3.wav") == ClipName(
        "bus", "milan", "1100", "41000", 7, "s3"
    )


def test_underscores_belong_to_the_part() -> None:
    name = parse_clip_name("street_pedestrian-new_york-12-3-0-b.wav")
    assert name is not None
    assert (name.scene, name.city) == ("street_pedestrian", "new_york")


def test_identifier_is_city_and_location() -> None:
    name = parse_clip_name("tram-vienna-278-8515-a")
    assert name is not None
    assert name.identifier == "vienna-278"


@pytest.mark.parametrize(
    "filename",
    [
        "0.wav",
        "",
        "audio/",
        "airport-lisbon-1000-a.wav",
        "airport-lisbon-1000-40000-x-a.wav",
        "airport-lisbon-1000-40000-1-2-a.wav",
        "airport--1000-40000-a.wav",
        "-lisbon-1000-40000-a.wav",
    ],
)
def test_other_names_are_none(filename: str) -> None:
    assert parse_clip_name(filename) is None


@settings(max_examples=60, deadline=None)
@given(
    parts=st.tuples(_part, _part, _part, _part, _part),
    sub=st.none() | st.integers(0, 99),
    folder=st.sampled_from(["", "audio/", "a-b/c/"]),
    suffix=st.sampled_from(["", ".wav", ".flac"]),
)
def test_round_trip(
    parts: tuple[str, str, str, str, str], sub: int | None, folder: str, suffix: str
) -> None:
    scene, city, location, segment, device = parts
    middle = [] if sub is None else [str(sub)]
    written = "-".join([scene, city, location, segment, *middle, device])
    assert parse_clip_name(f"{folder}{written}{suffix}") == ClipName(
        scene, city, location, segment, sub, device
    )


def _row(name: ClipName | None) -> dict[str, object]:
    """What `parse_clip_names` should say; missing values as None."""
    columns = ("scene", "city", "location", "segment", "sub", "device", "identifier")
    return {column: getattr(name, column, None) for column in columns}


def _rows(filenames: list[str]) -> list[dict[str, object]]:
    table = parse_clip_names(pd.Series(filenames, dtype=str))
    return table.astype(object).where(table.notna(), None).to_dict("records")


def test_many_names_at_once() -> None:
    names = [
        "audio/airport-lisbon-1000-40000-a.wav",
        "audio/street_traffic-new_york-12-3-7-s10.wav",
        "audio/0.wav",
        "",
    ]
    assert _rows(names) == [_row(parse_clip_name(name)) for name in names]
    table = parse_clip_names(pd.Series(names, index=[3, 5, 7, 9]))
    assert table.index.to_list() == [3, 5, 7, 9]
    assert table["sub"].sum() == 7


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text("ab-_./ 12٣", max_size=24), max_size=4))
def test_many_names_are_read_as_one_by_one(names: list[str]) -> None:
    assert _rows(names) == [_row(parse_clip_name(name)) for name in names]
