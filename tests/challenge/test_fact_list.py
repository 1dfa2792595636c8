import pytest

from dssd_tf.challenge import list_editions, load_edition
from dssd_tf.challenge.fact_list import list_facts


@pytest.mark.parametrize("year", list_editions())
def test_every_fact_is_listed_once_with_its_source(year: int) -> None:
    facts = list_facts(load_edition(year))
    names = [fact.name for fact in facts]
    assert len(set(names)) == len(names)
    assert {"rows", "limits.size", "layout.root", "meta.keys", "ranking", "devices.seen"} <= set(
        names
    )
    for fact in facts:
        assert fact.value
        assert fact.unverified == (fact.source in {"memory", "participant", "library"})


def test_values_are_in_words() -> None:
    facts = {fact.name: fact.value for fact in list_facts(load_edition(2024))}
    assert facts["rows"] == "135,730"
    assert facts["splits"] == "5, 10, 25, 50, 100"
    assert "at most 30,000,000 macs of the float model" in facts["limits.macs"]
    assert "submission.authors[].affiliation.institute" in facts["meta.keys"]
    old = {fact.name: fact.value for fact in list_facts(load_edition(2021))}
    assert old["meta.complexity.model_size"] == "size_bytes_nonzero / 1024 of the deployed model"
