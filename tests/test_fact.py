import pytest
from pydantic import ValidationError

from dssd_tf.challenge.edition import Fact as EditionFact
from dssd_tf.data.known_dataset import Fact as DatasetFact
from dssd_tf.fact import Fact, Sourced


class Limit(Sourced):
    most: int


@pytest.mark.parametrize("source", ["code", "page"])
def test_a_checked_fact_is_not_unverified(source: str) -> None:
    assert str(Fact[int](value=3, source=source)) == "3"
    with pytest.raises(ValidationError, match="marked unverified"):
        Fact[int](value=3, source=source, unverified=True)


@pytest.mark.parametrize("source", ["library", "memory"])
def test_a_second_hand_fact_says_so(source: str) -> None:
    assert str(Fact[int](value=3, source=source, unverified=True)) == "3 (unverified)"
    with pytest.raises(ValidationError, match="marked unverified"):
        Fact[int](value=3, source=source)
    with pytest.raises(ValidationError, match="marked unverified"):
        Limit.model_validate({"most": 3, "source": source})


def test_a_source_nobody_knows_is_refused() -> None:
    with pytest.raises(
        ValidationError, match="'code', 'page', 'library', 'participant' or 'memory'"
    ):
        Fact[int].model_validate({"value": 3, "source": "hearsay"})


def test_a_fact_has_its_type_and_nothing_else_and_stays() -> None:
    with pytest.raises(ValidationError, match="value"):
        Fact[int].model_validate({"value": "many", "source": "page"})
    with pytest.raises(ValidationError, match="unit"):
        Fact[int].model_validate({"value": 3, "source": "page", "unit": "s"})
    fact = Fact[int](value=3, source="page")
    with pytest.raises(ValidationError, match="frozen"):
        fact.value = 4  # type: ignore[misc]


def test_editions_and_datasets_mean_the_same_fact() -> None:
    assert EditionFact is DatasetFact is Fact
