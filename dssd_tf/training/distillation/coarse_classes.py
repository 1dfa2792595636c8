"""Which coarse class each scene belongs to."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from dssd_tf.config import Config
from dssd_tf.errors import ModelError

TAU_COARSE_CLASSES: dict[str, tuple[str, ...]] = {
    "indoor": ("airport", "metro_station", "shopping_mall"),
    "outdoor": ("park", "public_square", "street_pedestrian", "street_traffic"),
    "transportation": ("bus", "metro", "tram"),
}
"""The coarse classes of the ten TAU scenes (DCASE 2020 task 1b; DSMN, DCASE 2023 report 61)."""


class CoarseClasses(Config):
    """A second, coarser labelling of the scenes, learned beside the first."""

    groups: dict[str, tuple[str, ...]] = Field(
        TAU_COARSE_CLASSES, description="scenes of each coarse class, in the order of the logits"
    )
    weight: float = Field(1.0, gt=0, description="factor of the coarse loss")
    head: bool = Field(
        False, description="logits of their own while training; else the scenes' probabilities"
    )

    @field_validator("groups")
    @classmethod
    def _each_scene_once(cls, groups: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if len(groups) < 2:
            raise ValueError(f"at least two coarse classes, found {len(groups)}")
        empty = [name for name, scenes in groups.items() if not scenes]
        if empty:
            raise ValueError(f"coarse class {empty[0]!r} has no scene")
        counts = Counter(scene for scenes in groups.values() for scene in scenes)
        twice = [scene for scene, count in counts.items() if count > 1]
        if twice:
            raise ValueError(f"scene {twice[0]!r} is listed {counts[twice[0]]} times")
        return groups

    @property
    def names(self) -> tuple[str, ...]:
        """The coarse classes, in the order of their logits."""
        return tuple(self.groups)

    def membership(self, classes: Sequence[str]) -> NDArray[np.float32]:
        """Which scene belongs where: (scenes, coarse classes), a single 1 in each row.

        Args:
            classes: The scenes in the order of the network's outputs.

        Raises:
            ModelError: A scene has no coarse class, or a coarse class names an unknown scene.
        """
        of_scene = {scene: i for i, scenes in enumerate(self.groups.values()) for scene in scenes}
        missing = [scene for scene in classes if scene not in of_scene]
        if missing:
            raise ModelError(
                f"scene {missing[0]!r} belongs to no coarse class", fix="list it in coarse.groups"
            )
        unknown = [scene for scene in of_scene if scene not in classes]
        if unknown:
            raise ModelError(
                f"coarse.groups lists {unknown[0]!r}, which is none of the {len(classes)} scenes",
                fix=f"choose from {', '.join(classes)}",
            )
        table = np.zeros((len(classes), len(self.groups)), np.float32)
        table[np.arange(len(classes)), [of_scene[scene] for scene in classes]] = 1
        return table
