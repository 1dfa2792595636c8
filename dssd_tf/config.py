"""The base of every configuration in a recipe: immutable, unknown keys forbidden."""

from pydantic import BaseModel, ConfigDict


class Config(BaseModel):
    """A part of a recipe."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
