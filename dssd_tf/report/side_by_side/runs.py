"""Several runs, each with a name of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dssd_tf.errors import RunError
from dssd_tf.report.notices import Notice, notices
from dssd_tf.report.run import Run, read_run


@dataclass(frozen=True)
class Runs:
    """Runs of the same classes.

    Args:
        by_name: By the name that the page gives them.
        defaults: Of the recipes' settings, by dotted key.
    """

    by_name: dict[str, Run]
    defaults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def classes(self) -> list[str]:
        """The classes of all runs."""
        return next(iter(self.by_name.values())).metrics.classes

    def notices(self) -> list[Notice]:
        """What a reader must know before any figure."""
        found = [
            Notice(f"{name}: {each.title}", each.text)
            for name, run in self.by_name.items()
            for each in notices(run)
        ]
        if len({_clips(run) for run in self.by_name.values()}) > 1:
            found.append(
                Notice(
                    "not the same test clips",
                    "The runs were scored on different clips: a difference between them may come "
                    "from these alone.",
                )
            )
        return found


def read_runs(folders: Sequence[Path], defaults: Mapping[str, Any] | None = None) -> Runs:
    """Read the runs of one page.

    Args:
        folders: Theirs.
        defaults: Of the recipes' settings, by dotted key; None where they are not known.

    Raises:
        DssdError: A folder cannot be read, is given twice, or has other classes than the first.
    """
    runs = [read_run(folder) for folder in folders]
    places = [run.folder.resolve() for run in runs]
    for number, place in enumerate(places):
        if place in places[:number]:
            raise RunError("is given twice", path=folders[number])
    for run in runs[1:]:
        if run.metrics.classes != runs[0].metrics.classes:
            raise RunError(
                f"has other classes than {runs[0].folder}",
                path=run.folder,
                fix="give runs of the same classes",
            )
    return Runs(dict(zip(_names(runs), runs, strict=True)), defaults or {})


def _names(runs: Sequence[Run]) -> list[str]:
    """The recipes' names, or the part of the folders that tells them apart, or the last parts."""
    parts = [run.folder.resolve().parts for run in runs]
    depths = range(1, min(map(len, parts)) + 1)
    candidates = [
        [run.name for run in runs],
        *([each[-depth] for each in parts] for depth in depths),
        *(["/".join(each[-depth:]) for each in parts] for depth in depths),
        [str(run.folder) for run in runs],
    ]
    return next(names for names in candidates if len(set(names)) == len(names))


def _clips(run: Run) -> Any:
    """What tells whether two runs were scored on the same clips."""
    if run.predictions is None:
        return run.deployed_metrics.samples
    return frozenset(run.predictions["filename"])
