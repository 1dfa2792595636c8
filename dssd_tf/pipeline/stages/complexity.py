"""Stage: count, and hold the counts against the edition's limits."""

from typing import Any

from dssd_tf.complexity import measure
from dssd_tf.files import write_json
from dssd_tf.pipeline.measuring import judge
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.progress import warn
from dssd_tf.systems import SYSTEMS


def measure_models(run: RunFolder, workspace: Workspace) -> list[str]:
    """Write `complexity.json`."""
    result: dict[str, Any] = {
        "float": measure(run.require(run.float_model, "train")).to_dict(),
    }
    for system, file in run.quantized_models().items():
        result[system] = measure(file).to_dict()
    remarks = [f"{result['float']['parameters']:,} parameters"]
    result |= judge(result, workspace.recipe.challenge.edition)
    for check in result["checks"]:
        verdict = "within" if check["passed"] else "OVER"
        remarks.append(
            f"{check['name']} {check['measured']:,.0f} {verdict} {check['limit']:,.0f} "
            f"{check['unit']} ({check['counter']})"
        )
    left_out = [name for system in SYSTEMS for name in result.get(system, {}).get("uncounted", [])]
    if left_out:
        warn(f"no rule for {', '.join(left_out)}: the multiply-adds are too few")
    write_json(run.complexity, result)
    return remarks
