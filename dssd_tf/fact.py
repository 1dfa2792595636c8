"""A fact and where it was read: what the editions and the known datasets are made of."""

from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

T = TypeVar("T")

Source = Literal["code", "page", "library", "participant", "memory"]
"""The organisers' own code; the challenge's pages and the datasets' documentation; the dataset
list of another public library; a participant's copy of the organisers' files; or memory."""
_FIRST_HAND = {"code", "page"}


class Sourced(BaseModel):
    """Something with a source.

    Args:
        source: Where it was read.
        unverified: Whether nobody checked it at the source: so it is with the last three.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Source
    unverified: bool = False

    @model_validator(mode="after")
    def _second_hand_is_unverified(self) -> "Sourced":
        if (self.source not in _FIRST_HAND) != self.unverified:
            raise ValueError(
                "a fact from a library, a participant or memory, and only such, is marked "
                "unverified"
            )
        return self


class Fact(Sourced, Generic[T]):
    """One value with its source."""

    value: T

    def __str__(self) -> str:
        return f"{self.value} (unverified)" if self.unverified else str(self.value)
