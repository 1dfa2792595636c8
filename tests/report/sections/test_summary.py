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


def test_without_complexity_there_are_results_alone(run_dir):
    (run_dir / "complexity.json").unlink()
    data = build(read_run(run_dir))
    assert data["costs"] == {} and data["edition"] is None and data["failed"] == []
    assert set(data["systems"]) == {"float", "int8"}


def test_float_run_deploys_the_float_system(float_run_dir):
    assert build(read_run(float_run_dir))["deployed"] == "float"
