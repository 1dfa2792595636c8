from dssd_tf.challenge.budget_row import BudgetRow, BudgetSearch, LimitUse


def _row(*percents: float) -> BudgetRow:
    uses = tuple(
        LimitUse(f"limit{number}", 100, "bytes", int(percent), percent, "exact")
        for number, percent in enumerate(percents)
    )
    return BudgetRow("net", "SF", (8, 16), 10, 10, 20, 30, uses)


def test_the_tightest_limit_is_the_one_used_most() -> None:
    assert _row(10.0, 90.5, 3.0).tightest == 90.5


def test_a_search_becomes_plain_json_values() -> None:
    search = BudgetSearch("net", 2024, (44, 256, 1), 10, 5, 2, ("SS",), (_row(1.0),))
    value = search.to_dict()
    assert value["rows"][0]["widths"] == (8, 16)
    assert value["rows"][0]["uses"][0] == {
        "name": "limit0",
        "limit": 100,
        "unit": "bytes",
        "measured": 1,
        "percent": 1.0,
        "basis": "exact",
    }
    assert (value["edition"], value["tried"], value["fitting"]) == (2024, 5, 2)
