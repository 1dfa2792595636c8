"""The names of TAU clips."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

_PARTS = re.compile(
    r"(?P<scene>[^-]+)-(?P<city>[^-]+)-(?P<location>[^-]+)-(?P<segment>[^-]+)"
    r"(?:-(?P<sub>\d+))?-(?P<device>[^-]+)"
)


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
