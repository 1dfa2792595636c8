"""Counts that were made beside the stages, kept in their run."""

from typing import Any

from dssd_tf.errors import PackageError
from dssd_tf.files import read_json, write_json
from dssd_tf.pipeline.measuring import judge
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.progress import say
from dssd_tf.report.outdated import outdated
from dssd_tf.report.schema import Stage
from dssd_tf.systems import SYSTEMS


def keep_complexity(run: RunFolder, counted: dict[str, Any], seconds: float) -> None:
    """Write `complexity.json` as the stage does, by the recipe's own edition, and tell it.

    A file that holds the same and is no older than the model stays untouched, so that what
    follows the stage need not be done again.

    Args:
        run: The run.
        counted: What was counted of each system, as JSON values.
        seconds: What the counting took.
    """
    try:
        result = counted | judge(counted, run.recipe().challenge.edition)
    except PackageError as error:
        say(f"not kept in {run.complexity}: {error}")
        return
    stages = {name: Stage.model_validate(done) for name, done in run.finished().items()}
    if (
        "complexity" in stages
        and "complexity" not in outdated(stages)
        and run.complexity.is_file()
        and _figures(read_json(run.complexity)) == _figures(result)
    ):
        return
    write_json(run.complexity, result)
    run.mark_finished("complexity", seconds)
    say(f"kept in {run.complexity}")


def _figures(result: dict[str, Any]) -> dict[str, Any]:
    """The result without the paths of the models: a run may be moved."""
    return {
        name: {k: v for k, v in value.items() if k != "source"} if name in SYSTEMS else value
        for name, value in result.items()
    }
