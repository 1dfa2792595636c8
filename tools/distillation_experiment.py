"""Measure what distillation gives on a set of folds: a student alone and with teachers.

For each fold and seed: three teachers are trained; then the student alone, with the first teacher,
with the ensemble of all three run at each step, and with their stored logits (made on clips
without augmentation). Each is one `dssd train` of the same recipe, judged on the fold's test list.

What is finished is not run again, so that an interrupted experiment goes on with the same command.
"""

import argparse
import csv
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev

from dssd_tf.files import write_text

ALONE, ONE, ENSEMBLE, STORED = "alone", "one_teacher", "ensemble", "stored_logits"
COLUMNS = ("student", "condition", "fold", "seed", "macro_accuracy", "log_loss", "seconds")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is missing, write the CSV, and print a markdown table of means and spreads."""
    options = _parser().parse_args(arguments)
    rows: list[dict[str, object]] = []
    # Seeds outside: after an interruption there is a whole set of folds.
    for seed in options.seeds:
        for fold in options.folds:
            rows += _fold(options, fold, seed)
            write_text(options.csv, _csv(rows))
    print(table(rows))
    return 0


def table(rows: Sequence[dict[str, object]]) -> str:
    """Mean and standard deviation over folds and seeds, as markdown."""
    lines = [
        "| network | trained with | macro accuracy | log loss | runs |",
        "|---|---|---|---|---|",
    ]
    groups: dict[tuple[str, str], list[dict[str, object]]] = {}
    for row in rows:
        groups.setdefault((str(row["student"]), str(row["condition"])), []).append(row)
    for (student, condition), members in groups.items():
        cells = [
            _spread([float(str(row[name])) for row in members])
            for name in ("macro_accuracy", "log_loss")
        ]
        lines.append(f"| {student} | {condition} | {' | '.join(cells)} | {len(members)} |")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", type=Path, help="e.g. recipes/esc10/distillation.yaml")
    parser.add_argument("--data", type=Path, required=True, help="the set, in the TAU layout")
    parser.add_argument("--out", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--csv", type=Path, required=True, help="the results, a row a run")
    parser.add_argument("--student", default="dsmn_s", help="network (default: dsmn_s)")
    parser.add_argument(
        "--teachers",
        nargs="+",
        default=["cp_mobile", "cp_resnet", "baseline_2024"],
        help="networks; the first is the single teacher (default: %(default)s)",
    )
    parser.add_argument("--folds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1])
    parser.add_argument(
        "--teacher-seed", type=int, help="of the teachers (default: that of the student)"
    )
    parser.add_argument("--temperature", type=float, default=2.0)
    parser.add_argument("--weight", type=float, default=0.7, help="of the distillation loss")
    return parser


def _fold(options: argparse.Namespace, fold: int, seed: int) -> list[dict[str, object]]:
    home = options.out / f"fold{fold}_seed{seed}"
    taught_by = seed if options.teacher_seed is None else options.teacher_seed
    school = options.out / f"fold{fold}_seed{taught_by}"
    common = [f"data.fold={fold}", f"data.cache={(options.out / 'cache').resolve()}"]
    rows, runs = [], []
    for name in options.teachers:
        changes = [f"seed={taught_by}", f"model.name={name}"]
        runs.append(_train(options, school / name, [*common, *changes]))
        if taught_by == seed:
            rows.append(_row(runs[-1], name, ALONE, fold, seed))
    bank = school / "bank"
    _dssd("teach", *runs, "--out", bank)
    settings = f"temperature: {options.temperature}, weight: {options.weight}"
    paths = [str(run.resolve()) for run in runs]
    conditions = {
        ALONE: "null",
        ONE: f"{{teachers: [{paths[0]}], {settings}}}",
        ENSEMBLE: f"{{teachers: [{', '.join(paths)}], {settings}}}",
        STORED: f"{{bank: {bank.resolve()}, {settings}}}",
    }
    for condition, distillation in conditions.items():
        changes = [f"model.name={options.student}", f"distillation={distillation}"]
        changes.append(f"seed={seed}")
        run = _train(options, home / f"student_{condition}", [*common, *changes])
        rows.append(_row(run, options.student, condition, fold, seed))
    return rows


def _train(options: argparse.Namespace, run: Path, settings: list[str]) -> Path:
    if not (run / "metrics.json").is_file():
        sets = [part for setting in settings for part in ("--set", setting)]
        _dssd("train", options.recipe, "--data", options.data, *sets, "--out", run, "--resume")
        _dssd("evaluate", run)
    return run


def _dssd(*arguments: object) -> None:
    command = [sys.executable, "-m", "dssd_tf", *map(str, arguments)]
    subprocess.run(command, check=True)


def _row(run: Path, network: str, condition: str, fold: int, seed: int) -> dict[str, object]:
    scores = json.loads((run / "metrics.json").read_text())["systems"]["float"]
    seconds = json.loads((run / "stages.json").read_text())["train"]["seconds"]
    figures = (scores["macro_accuracy"], scores["log_loss"], seconds)
    return dict(zip(COLUMNS, (network, condition, fold, seed, *figures), strict=True))


def _csv(rows: Sequence[dict[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _spread(values: Sequence[float]) -> str:
    return f"{mean(values):.3f} ± {stdev(values):.3f}" if len(values) > 1 else f"{values[0]:.3f}"


if __name__ == "__main__":
    raise SystemExit(main())
