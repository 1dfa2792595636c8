"""Stage: count, and hold the counts against the edition's limits."""

from collections.abc import Collection
from typing import Any

from dssd_tf.challenge import load_edition
from dssd_tf.challenge.budget_words import check_in_words
from dssd_tf.complexity import measure
from dssd_tf.files import write_json
from dssd_tf.pipeline.measuring import judge
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.progress import warn
from dssd_tf.systems import SYSTEMS, deployed_system


def measure_models(run: RunFolder, workspace: Workspace) -> list[str]:
    """Write `complexity.json`."""
    result: dict[str, Any] = {
        "float": measure(run.require(run.float_model, "train")).to_dict(),
    }
    for system, file in run.quantized_models().items():
        result[system] = measure(file).to_dict()
    # Other than the int8 model's: that has the normalizations folded, and biases in their place.
    remarks = [f"float model {result['float']['parameters']:,} parameters"]
    judged = _judged(workspace.recipe.challenge.edition, result)
    result |= judge(result, workspace.recipe.challenge.edition)
    for check in result["checks"]:
        words = check_in_words(check, model=judged.get(check["name"]))
        remarks.append(f"{check['name']} {words}")
    left_out = [name for system in SYSTEMS for name in result.get(system, {}).get("uncounted", [])]
    if left_out:
        warn(f"no rule for {', '.join(left_out)}: the multiply-adds are too few")
    write_json(run.complexity, result)
    return remarks


def _judged(year: int | None, systems: Collection[str]) -> dict[str, str]:
    """By limit, the model that the edition counts."""
    limits = [] if year is None else load_edition(year).limits
    deployed = deployed_system(systems)
    return {limit.name: deployed if limit.model == "deployed" else limit.model for limit in limits}
