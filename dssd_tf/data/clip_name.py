"""The names of TAU clips."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

import pandas as pd

_PARTS = re.compile(
    r"(?P<scene>[^-]+)-(?P<city>[^-]+)-(?P<location>[^-]+)-(?P<segment>[^-]+)"
    r"(?:-(?P<sub>\d+))?-(?P<device>[^-]+)"
)
# The last part of a path without its suffix, as PurePosixPath.stem gives it.
_STEM = re.compile(r"([^/]*?)(?:(?<=[^/])\.[^./]+)?/*\Z")


@dataclass(frozen=True)
class ClipName:
    """``scene-city-location-segment[-sub]-device``: five parts in 2020, six from 2022 on."""

    scene: str
    city: str
    location: str
    segment: str
    sub: int | None
    device: str

    @property
    def identifier(self) -> str:
        """The recording place, city-location: what must not be shared by train and test."""
        return f"{self.city}-{self.location}"


def parse_clip_name(filename: str) -> ClipName | None:
    """Read a clip's name, with or without folder and suffix; None if it is not of that form.

    Cities and scenes may hold underscores; hyphens only separate.
    """
    found = _PARTS.fullmatch(PurePosixPath(filename).stem)
    if found is None:
        return None
    parts = found.groupdict()
    sub = parts.pop("sub")
    return ClipName(**parts, sub=None if sub is None else int(sub))


def parse_clip_names(filenames: pd.Series) -> pd.DataFrame:
    """Read the names of many clips, as `parse_clip_name` does for one.

    Returns:
        Rows with the index of `filenames` and the columns scene, city, location, segment, sub
        (nullable integer: missing in names of five parts), device and identifier. A name of
        another form is missing (NA) in every column.
    """
    stems = filenames.astype(object).str.extract(_STEM, expand=False)
    parts = stems.str.extract(rf"\A{_PARTS.pattern}\Z").astype(object)
    # By way of int, which reads the digits of every script that \d matches.
    numbers = parts["sub"].map(int, na_action="ignore").astype("Int64")
    parts["sub"] = numbers
    parts["identifier"] = parts["city"] + "-" + parts["location"]
    return parts[["scene", "city", "location", "segment", "sub", "device", "identifier"]]
