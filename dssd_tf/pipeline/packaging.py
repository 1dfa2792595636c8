"""From runs to a validated submission."""

import shlex
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dssd_tf.challenge import Edition, SystemResult, read_entry, validate, write_package
from dssd_tf.challenge.entry_template import template_leftovers
from dssd_tf.errors import PackageError
from dssd_tf.files import atomic_path
from dssd_tf.pipeline.evaluation_set import predict_evaluation_set
from dssd_tf.pipeline.objections import objections
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.submitted_system import read_metrics, submission_rows, submitted_system
from dssd_tf.pipeline.system_runs import SystemRuns, group_runs
from dssd_tf.progress import say, warn


@dataclass(frozen=True)
class Package:
    """A written package and what is to be known about it.

    Args:
        path: The zip.
        remarks: In the order in which they are told.
        check: The command that checks it as it was checked here.
    """

    path: Path
    remarks: list[str]
    check: str


def package_runs(
    runs: Sequence[RunFolder],
    edition: Edition,
    entry_file: Path,
    out: Path,
    *,
    evaluation: Path | None = None,
    own_data: bool = False,
) -> Package:
    """Write one package from finished runs and validate it; `group_runs` says how they go together.

    The rows are those of the runs' evaluation set. What the organisers would object to is refused;
    for synthetic or one's own data it is a remark, the package is held against these data, and the
    rows are those of the test clips where there is no evaluation set. A package with a fault is
    not kept.

    Args:
        runs: Finished runs.
        edition: The rules.
        entry_file: What only a person knows.
        out: The folder for the package.
        evaluation: An evaluation set that the models are run over first; None for the
            predictions there are.
        own_data: Whether the data are not the challenge's, as synthetic ones never are.

    Raises:
        PackageError: The runs do not fit the edition or each other, the entry is not filled in,
            or the package has faults.
        RunError: A run is not evaluated or not counted yet.
        DataError: The evaluation set cannot be read.
    """
    entry = read_entry(entry_file)
    if leftovers := template_leftovers(entry):
        raise PackageError(
            f"still the template's: {', '.join(leftovers)}", path=entry_file, fix="fill them in"
        )
    groups = group_runs(runs, edition, len(entry.systems))
    if evaluation is not None:
        for run in runs:
            say(f"{run.path}: {predict_evaluation_set(run, evaluation)}")
    classes = read_metrics(runs[0])["classes"]
    systems = [submitted_system(group, edition) for group in groups]
    files = list(next(iter(systems[0].outputs.values()))["filename"])
    for group, system in zip(groups, systems, strict=True):
        _refuse_other_data(group, system, classes, files, runs[0])
    found = objections(groups, edition, classes, files)
    tolerant = own_data or all(run.recipe().data.synthetic for run in runs)
    if found and not tolerant:
        raise PackageError(
            "; ".join(found), fix="or give --own-data for data that are not the challenge's"
        )
    official = not found
    names = None if official else files
    labels = None if official else classes
    remarks = [f"not as {edition.year} wants it: {reason}" for reason in found]
    if not official:
        remarks.append(f"checked against this data's {len(files)} clips and {len(classes)} classes")
    with tempfile.TemporaryDirectory() as folder:
        sheet = None
        if entry.report is None:
            sheet = _results_sheet(runs[0], Path(folder) / "results.pdf")
            warn("the entry names no technical report: a results sheet stands in for it")
        written = write_package(
            systems, edition, entry, folder, classes=labels, files=names, report=sheet
        )
        faults = validate(written, edition, classes=labels, files=names)
        if faults:
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            raise PackageError(f"the package has a fault: {faults[0]}{more}")
        target = out / written.name
        if target.exists():
            remarks.append("replaces the one that was there")
        with atomic_path(target) as part:
            part.write_bytes(written.read_bytes())
    check = f"dssd validate {shlex.quote(str(target))} --edition {edition.year}"
    check += "" if official else f" --like {shlex.quote(str(runs[0].path))}"
    return Package(target, [*remarks, *_not_measured(systems, edition), "valid"], check)


def data_of(run: RunFolder) -> tuple[list[str], list[str]]:
    """Classes and file names of the rows that a run's submission has."""
    return read_metrics(run)["classes"], list(submission_rows(run)["filename"])


def _refuse_other_data(
    group: SystemRuns,
    system: SystemResult,
    classes: Sequence[str],
    files: Sequence[str],
    first: RunFolder,
) -> None:
    tables = dict(zip(group.by_split.values(), system.outputs.values(), strict=True))
    for run in group.all:
        table = tables.get(run)
        if read_metrics(run)["classes"] != classes or (
            table is not None and set(table["filename"]) != set(files)
        ):
            raise PackageError(
                f"has other classes or evaluation clips than {first.path}",
                path=run.path,
                fix="package only runs on the same data",
            )


def _not_measured(systems: Sequence[SystemResult], edition: Edition) -> list[str]:
    """What the meta file leaves null although it could be measured."""
    wanted = edition.meta.keys.value["system"].get("energy_consumption", {})
    lacking = sorted({part for s in systems for part in wanted if s.energy.get(part) is None})
    if not lacking:
        return []
    return [
        f"energy_consumption lacks {', '.join(lacking)}: train with training.energy=true and run "
        "`dssd energy` on a machine with a power meter"
    ]


def _results_sheet(run: RunFolder, target: Path) -> Path:
    from dssd_tf.report import write_results_sheet

    return write_results_sheet(run.path, target, run.recipe().name)
