from dssd_tf.report.run import read_run
from dssd_tf.report.sections.summary import build


def test_results_costs_and_checks_are_those_of_the_run(finished):
    run = read_run(finished)
    data = build(run)
    assert set(data["systems"]) == set(data["costs"]) == {"float", "int8"}
    assert data["deployed"] == "int8" and data["edition"] == run.complexity.edition
    assert data["checks"] == run.complexity.checks
    assert data["failed"] == []


def test_a_check_that_fails_is_listed(run_dir, edit):
    def break_one(complexity):
        check = complexity["checks"][0]
        check["measured"], check["passed"] = check["limit"] + 1, False
        complexity["passed"] = False

    edit(run_dir / "complexity.json", break_one)
    data = build(read_run(run_dir))
    assert [check.name for check in data["failed"]] == [data["checks"][0].name]


def test_without_complexity_there_are_results_alone(run_dir, render_tables):
    assert not render_tables(run_dir).one("section", id="summary").all("p", class_="missing")
    (run_dir / "complexity.json").unlink()
    data = build(read_run(run_dir))
    assert data["costs"] == {} and data["edition"] is None and data["failed"] == []
    assert set(data["systems"]) == {"float", "int8"}
    line = render_tables(run_dir).one("section", id="summary").one("p", class_="missing")
    assert line.text.endswith("Made by dssd complexity RUN.")


def test_float_run_deploys_the_float_system(float_run_dir):
    assert build(read_run(float_run_dir))["deployed"] == "float"


def test_intervals_stand_below_their_figures(run_dir, edit, render_tables):
    rows = render_tables(run_dir).one("section", id="summary").one("tbody").all("tr")
    texts = [[cell.text for cell in row.all("td")] for row in rows]
    assert texts[1] == 2 * ["40.00 % to 70.00 %"]
    assert texts[3] == 2 * ["0.800 to 1.200"]

    def forget(metrics):
        for system in metrics["systems"].values():
            system["intervals"] = None

    edit(run_dir / "metrics.json", forget)
    assert "interval" not in render_tables(run_dir).one("section", id="summary").text
