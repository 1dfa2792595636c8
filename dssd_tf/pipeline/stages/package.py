"""Stage: the challenge package, written and validated."""

from dssd_tf.challenge import load_edition
from dssd_tf.files import read_json
from dssd_tf.pipeline.packaging import package_runs
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.progress import NOT_DONE


def package_run(run: RunFolder, workspace: Workspace) -> list[str]:
    """Write `submission/LABEL.zip`, unless there is a reason not to, which is told."""
    choice = workspace.recipe.challenge
    if choice.edition is None or choice.entry is None:
        missing = [f"challenge.{key}" for key, value in choice if value is None]
        return [f"{NOT_DONE}the recipe names no {' and no '.join(missing)}"]
    edition = load_edition(choice.edition)
    if edition.splits.value:
        splits = ", ".join(map(str, edition.splits.value))
        return [
            f"{NOT_DONE}{edition.year} takes one run a training split ({splits} %); "
            f"join them with `dssd package RUN… --edition {edition.year}`"
        ]
    if (devices := workspace.recipe.data.train_devices) is not None:
        return [
            f"{NOT_DONE}a model for {', '.join(devices)}; join it with the general one by "
            f"`dssd package GENERAL RUN… --edition {edition.year}`"
        ]
    if not read_json(run.require(run.complexity, "complexity"))["passed"]:
        return [f"{NOT_DONE}the model is over a limit of {edition.year}"]
    synthetic = workspace.recipe.data.synthetic
    if not synthetic and workspace.evaluation_root is None:
        return [
            f"{NOT_DONE}the recipe names no evaluation set; "
            f"`dssd package RUN --eval DIR --edition {edition.year}` predicts one"
        ]
    package = package_runs([run], edition, choice.entry, run.submission, own_data=True)
    return [str(package.path), *package.remarks]
