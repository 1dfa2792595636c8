"""The classes of the TAU Urban Acoustic Scenes sets."""

SCENES = (
    "airport",
    "bus",
    "metro",
    "metro_station",
    "park",
    "public_square",
    "shopping_mall",
    "street_pedestrian",
    "street_traffic",
    "tram",
)
"""The ten scenes, alphabetical, as the networks put them out; tests hold the synthetic set and the
editions to this list."""

COARSE_CLASSES = ("indoor", "outdoor", "transportation")
"""The three coarse classes that DSMN puts out behind the scenes."""


def default_classes(outputs: int) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """(scenes, coarse classes) of a network with 10 or 13 outputs; None for other numbers."""
    for coarse in ((), COARSE_CLASSES):
        if outputs == len(SCENES) + len(coarse):
            return SCENES, coarse
    return None
