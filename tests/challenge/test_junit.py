from xml.etree import ElementTree

from dssd_tf.challenge.junit import junit


def _check(name: str, measured: int, limit: int) -> dict[str, object]:
    return {
        "name": name,
        "measured": measured,
        "limit": limit,
        "unit": "macs",
        "counter": "torchinfo",
        "passed": measured <= limit,
    }


def test_a_suite_a_model_a_case_a_limit_a_failure_where_it_is_exceeded() -> None:
    text = junit(
        {"net<1>": (2024, [_check("size", 5, 10), _check("macs", 31_000_000, 30_000_000)])}
    )
    root = ElementTree.fromstring(text)
    (suite,) = root
    assert suite.attrib == {"name": "net<1>", "tests": "2", "failures": "1"}
    passed, failed = suite
    assert passed.find("failure") is None and "5 of 10" in (passed.findtext("system-out") or "")
    failure = failed.find("failure")
    assert failure is not None
    told = "over the limit: 31,000,000 of 30,000,000 macs (torchinfo)"
    assert failure.get("message") == told
    assert failed.get("classname") == "edition 2024" and failed.get("name") == "macs"
