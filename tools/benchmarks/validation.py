"""Time writing and validating a package of an edition's full size, and the memory it takes.

Each round runs in two fresh processes, one that writes and one that validates, so that the peak of
each is its own. The predictions are random; making them is not timed, but counts for the peak.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from table import machine_line, positive, write_csv

if TYPE_CHECKING:
    import pandas as pd

    from dssd_tf.challenge import Edition, Entry, SystemResult

_STEPS = ("write", "validate")
# The kernel counts in KiB, but macOS in bytes.
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


def main(arguments: list[str] | None = None) -> int:
    """Measure, print a table, and write it to the file of `--csv`."""
    options = _parser().parse_args(arguments)
    from dssd_tf.errors import DssdError

    try:
        edition = _edition(options)
        if options.step:
            print(json.dumps(_step(options.step, edition, options.folder)))
            return 0
    except DssdError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    measured: dict[str, list[dict[str, Any]]] = {step: [] for step in _STEPS}
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            for step in _STEPS:
                measured[step].append(_in_a_process(step, options, folder))
    rows = [_row(step, found) for step, found in measured.items()]
    size = measured["write"][0]["bytes"]
    print(machine_line("one process"))
    print(
        f"{edition.year}, {len(edition.outputs)} x {edition.rows.value:,} rows, "
        f"{size / 1e6:.1f} MB zipped, {options.rounds} rounds"
    )
    for row in rows:
        print(
            "{step:10s} {seconds:8.2f} s (best {best_seconds:.2f})  peak {peak_mib:8.1f} MiB, "
            "before the step {before_mib:.1f}".format(**row)
        )
    if options.csv:
        write_csv(options.csv, rows)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--edition", type=int, default=2024, metavar="YEAR", help="default: 2024")
    parser.add_argument("--rows", type=positive, help="rows a file (default: the edition's)")
    parser.add_argument("--rounds", type=positive, default=3, help="of both steps (default: 3)")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="also write the table here")
    # How the tool calls itself.
    parser.add_argument("--step", choices=_STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser


def _edition(options: argparse.Namespace) -> "Edition":
    from dssd_tf.challenge import load_edition

    edition = load_edition(options.edition)
    if options.rows is None:
        return edition
    rows = edition.rows.model_copy(update={"value": options.rows})
    return edition.model_copy(update={"rows": rows})


def _in_a_process(step: str, options: argparse.Namespace, folder: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "--step", step, "--folder", folder]
    command += ["--edition", str(options.edition)]
    command += ["--rows", str(options.rows)] if options.rows else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the step '{step}' failed: {done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _step(step: str, edition: "Edition", folder: Path) -> dict[str, Any]:
    """Seconds, bytes of the package and the peak of this process in bytes, after and before."""
    from dssd_tf.challenge import validate, write_package

    if step == "write":
        system, entry = _system(edition), _entry(folder)
        before, start = _peak(), time.perf_counter()
        package = write_package([system], edition, entry, folder / "out")
    else:
        (package,) = folder.glob("out/*.zip")
        before, start = _peak(), time.perf_counter()
        if faults := validate(package, edition):
            raise RuntimeError(f"the package has faults: {faults[0]}")
    seconds = time.perf_counter() - start
    size = package.stat().st_size
    return {"seconds": seconds, "bytes": size, "peak": _peak(), "before": before}


def _peak() -> int:
    """Bytes. On Linux the other figure would begin with the peak of the process that started us."""
    status = Path("/proc/self/status")
    if status.is_file():
        (line,) = (text for text in status.read_text().splitlines() if text.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PEAK_UNIT


def _row(step: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    seconds = [one["seconds"] for one in found]
    return {
        "step": step,
        "seconds": round(statistics.median(seconds), 3),
        "best_seconds": round(min(seconds), 3),
        "peak_mib": round(max(one["peak"] for one in found) / 2**20, 1),
        "before_mib": round(max(one["before"] for one in found) / 2**20, 1),
    }


def _entry(folder: Path) -> "Entry":
    from dssd_tf.challenge import Entry

    report = folder / "report.pdf"
    report.write_bytes(b"%PDF-1.4\n%%EOF\n")
    place = {"abbreviation": "EX", "institute": "Example Institute", "location": "Nowhere"}
    person = {"lastname": "Doe", "firstname": "Jane", "email": "jane.doe@example.org"}
    return Entry.model_validate(
        {
            "last_name": "Doe",
            "institute": "EXAMPLE",
            "systems": [{"number": 1, "name": "Example", "abbreviation": "EXAMPLE"}],
            "authors": [{**person, "affiliation": place, "corresponding": True}],
            "report": report,
            "inference_code": "https://example.org/inference",
        }
    )


def _system(edition: "Edition") -> "SystemResult":
    """Random predictions, and small counts wherever the meta file wants some."""
    from dssd_tf.challenge import SystemResult

    wanted = edition.meta.keys.value["system"]["description"]
    recipe = {key: 1 if kind == "count" else "example" for key, kind in wanted.items()}
    counts = dict.fromkeys((how.measure for how in edition.meta.complexity.values()), 50_000)
    scores = {"accuracy": 0.5, "log_loss": 1.25}
    results = {
        "macro_accuracy": 0.5,
        "log_loss": 1.25,
        "class_wise": dict.fromkeys(edition.classes.value, scores),
        "device_wise": dict.fromkeys(edition.meta.devices.value, scores),
    }
    return SystemResult(
        recipe,
        {"float": counts, "int8": counts},
        {split: _predictions(edition, split or 0) for split in edition.outputs},
        dict.fromkeys(edition.result_groups, results),
    )


def _predictions(edition: "Edition", seed: int) -> "pd.DataFrame":
    import numpy as np
    import pandas as pd

    shape = (edition.rows.value, len(edition.classes.value))
    odds = np.exp(3 * np.random.default_rng(seed).normal(size=shape))
    frame = pd.DataFrame(odds / odds.sum(axis=1, keepdims=True), columns=edition.classes.value)
    frame.insert(0, "filename", [f"audio/{number}.wav" for number in range(shape[0])])
    return frame


if __name__ == "__main__":
    sys.exit(main())
