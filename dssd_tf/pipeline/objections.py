"""What the organisers would object to in runs that make a whole package all the same."""

from collections.abc import Sequence

from dssd_tf.challenge import Edition
from dssd_tf.data.cache.clip_file import file_digest
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.system_runs import SystemRuns


def objections(
    groups: Sequence[SystemRuns], edition: Edition, classes: Sequence[str], files: Sequence[str]
) -> list[str]:
    """Reasons, a line each, with the fix; none for official data and runs made for the edition.

    Args:
        groups: The runs of each system.
        edition: The rules.
        classes: Of the runs.
        files: Base names or paths of the rows.
    """
    runs = [run for group in groups for run in group.all]
    return [*_of_data(runs, edition, classes, files), *_of_recipes(runs, edition), *_copies(runs)]


def training_objections(runs: Sequence[RunFolder], edition: Edition) -> list[str]:
    """Runs on other training clips than the edition allows."""
    if edition.training_split is None:
        return []
    wanted, found = edition.training_split.value, []
    for run in runs:
        if (split := run.recipe().data.split) != wanted:
            trained = "a fold" if split is None else f"split {split}"
            found.append(
                f"{run.path} was trained on {trained}, {edition.year} restricts training to split "
                f"{wanted}: set data.split={wanted}"
            )
    return found


def _of_data(
    runs: Sequence[RunFolder], edition: Edition, classes: Sequence[str], files: Sequence[str]
) -> list[str]:
    missing = [run.path for run in runs if not run.evaluation_predictions.is_file()]
    if missing:
        return [f"{missing[0]} has no predictions of an evaluation set: give it by --eval DIR"]
    found = []
    if list(classes) != edition.classes.value:
        found.append(f"the {len(classes)} classes are not those of {edition.year}")
    official = {f"{number}.wav" for number in range(edition.rows.value)}
    if {name.rsplit("/", 1)[-1] for name in files} != official:
        found.append(
            f"the {len(files):,} rows are not the {edition.rows.value:,} files of the evaluation "
            f"set of {edition.year}: give that set by --eval DIR"
        )
    return found


def _of_recipes(runs: Sequence[RunFolder], edition: Edition) -> list[str]:
    found = training_objections(runs, edition)
    for run in runs:
        recipe = run.recipe()
        seconds, wanted = recipe.data.clip_seconds, edition.clip_seconds.value
        if seconds != wanted:
            found.append(
                f"{run.path} takes clips of {seconds:g} s, those of {edition.year} last "
                f"{wanted:g} s: set data.clip_seconds={wanted:g}"
            )
    return found


def _copies(runs: Sequence[RunFolder]) -> list[str]:
    known: dict[str, RunFolder] = {}
    found = []
    for run in runs:
        digest = file_digest(run.deployed_model()[1])
        if digest in known:
            found.append(
                f"{run.path} and {known[digest].path} hold the same model: was one trained with "
                "the other's settings?"
            )
        known.setdefault(digest, run)
    return found
