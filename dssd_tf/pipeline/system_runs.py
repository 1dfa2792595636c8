"""Which runs make up which system of a submission."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dssd_tf.challenge import Edition
from dssd_tf.errors import PackageError
from dssd_tf.pipeline.run_folder import RunFolder


@dataclass(frozen=True)
class SystemRuns:
    """The runs of one system.

    Args:
        by_split: By training split in percent; under None where the edition has no splits.
        by_device: The runs of single devices, by device.
    """

    by_split: Mapping[int | None, RunFolder]
    by_device: Mapping[str, RunFolder] = field(default_factory=dict)

    @property
    def first(self) -> RunFolder:
        """The run whose recipe describes the system."""
        return next(iter(self.by_split.values()))

    @property
    def all(self) -> list[RunFolder]:
        """Every run, those of devices last; a run for several devices once."""
        runs = [*self.by_split.values(), *self.by_device.values()]
        return list({run.path: run for run in runs}.values())


def group_runs(runs: Sequence[RunFolder], edition: Edition, systems: int) -> list[SystemRuns]:
    """Sort runs into systems.

    Without splits a run is a system; where the edition allows models of single devices, runs
    with `data.train_devices` belong to the system of the last run before them without. With
    splits the runs of the first system come first, one a split, then those of the second.

    Args:
        runs: In the order they were given.
        edition: The rules.
        systems: How many systems the entry describes.

    Raises:
        PackageError: A run has no place: a split or a device twice, a run of a device before any
            general one, or a number of runs that the systems do not share evenly.
    """
    if edition.splits.value:
        return _by_splits(runs, edition, systems)
    if edition.device_models:
        return _by_devices(runs)
    for run in runs:
        _refuse_device_model(run, edition)
    return [SystemRuns({None: run}) for run in runs]


def _by_splits(runs: Sequence[RunFolder], edition: Edition, systems: int) -> list[SystemRuns]:
    size, left = divmod(len(runs), systems)
    if left:
        raise PackageError(
            f"{len(runs)} runs cannot be shared evenly by the entry's {systems} systems",
            fix=f"give {len(edition.splits.value)} runs for each, one a training split",
        )
    groups = []
    for start in range(0, len(runs), size):
        by_split: dict[int | None, RunFolder] = {}
        for run in runs[start : start + size]:
            _refuse_device_model(run, edition)
            split = run.recipe().data.split
            if split is None:
                raise PackageError(
                    "was not trained on a training split", path=run.path, fix="set data.split"
                )
            if split in by_split:
                raise PackageError(
                    f"is a second run of split {split}",
                    path=run.path,
                    fix="give all runs of the first system before those of the second",
                )
            by_split[split] = run
        groups.append(SystemRuns(by_split))
    return groups


def _by_devices(runs: Sequence[RunFolder]) -> list[SystemRuns]:
    groups: list[tuple[RunFolder, dict[str, RunFolder]]] = []
    for run in runs:
        devices = run.recipe().data.train_devices
        if devices is None:
            groups.append((run, {}))
            continue
        if not groups:
            raise PackageError(
                f"is a model for {', '.join(devices)}, with no general one before it",
                path=run.path,
                fix="give the run of the general model first, then those of its devices",
            )
        for device in devices:
            if device in groups[-1][1]:
                raise PackageError(
                    f"is a second run of device {device}",
                    path=run.path,
                    fix="give one run for each device behind its general one",
                )
            groups[-1][1][device] = run
    return [SystemRuns({None: general}, devices) for general, devices in groups]


def _refuse_device_model(run: RunFolder, edition: Edition) -> None:
    devices = run.recipe().data.train_devices
    if devices is not None:
        raise PackageError(
            f"is a model for {', '.join(devices)}; {edition.year} takes no models of devices",
            path=run.path,
            fix="give a run without data.train_devices",
        )
