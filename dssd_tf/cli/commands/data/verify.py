"""`dssd data verify`: a dataset's folder against its own tables and against what is known."""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dssd_tf.cli.options import count, subparser

if TYPE_CHECKING:
    from dssd_tf.data.verification.verify import Verification

_EPILOG = """\
examples:
  dssd data verify TAU-urban-acoustic-scenes-2022-mobile-development
  dssd data verify data/tau2022 --dataset dcase2024 --read
  dssd data verify data/tau2022 --no-audio --json > faults.json

Without --dataset a known set is recognised by the folder's name or the number of clips; of another
set the counts are not checked, and the recordings are compared with what most of them have.

Exit code: 0 without faults, 1 with faults, 2 on an error.
"""


def add_parser(subparsers: Any) -> None:
    """Add the action."""
    parser = subparser(
        subparsers,
        "verify",
        "check a data set: tables, names, counts, folds, recordings",
        _EPILOG,
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--dataset", metavar="NAME", help="the published set it should be")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    depth = parser.add_mutually_exclusive_group()
    depth.add_argument("--no-audio", action="store_true", help="check the tables only")
    depth.add_argument(
        "--read", action="store_true", help="read every recording to its end, not its header only"
    )
    parser.add_argument("--workers", type=count, metavar="N", help="processes (default: cores)")
    parser.add_argument(
        "--limit",
        type=int,
        default=20,
        metavar="N",
        help="faults of one kind told one by one, 0 for all (default: %(default)s)",
    )
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Verify and print."""
    from dssd_tf.data.verification.verify import AudioCheck, verify
    from dssd_tf.progress import say

    audio: AudioCheck = "headers"
    if options.no_audio or options.read:
        audio = "none" if options.no_audio else "samples"
    result = verify(
        options.folder,
        options.dataset,
        audio=audio,
        workers=options.workers,
        shown=options.limit if options.limit > 0 else None,
    )
    if options.json:
        print(json.dumps(as_values(result), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _print(result)
    number = result.total_faults
    faults = f"{number} fault{'s' if number > 1 else ''}" if number else "no faults"
    say(f"{options.folder}: {result.clips} clips, {result.dataset or 'no known set'}: {faults}")
    return 1 if result.total_faults else 0


def as_values(result: "Verification") -> dict[str, Any]:
    """What JSON can hold of a verification."""
    counts: dict[str, dict[str, dict[str, int]]] = {}
    for part, scene in result.table.index:
        row = result.table.loc[(part, scene)]
        devices = {str(device): int(clips) for device, clips in row.items() if clips}
        counts.setdefault(str(part), {})[str(scene)] = devices
    return {
        "dataset": result.dataset,
        "clips": result.clips,
        "audio": result.audio,
        "total_faults": result.total_faults,
        "faults": [dataclasses.asdict(fault) for fault in result.faults],
        "remarks": result.remarks,
        "counts": counts,
    }


def _print(result: "Verification") -> None:
    from dssd_tf.cli.text_table import Column, print_table

    table = result.table
    if len(table):
        # The list's name stands once, before its scenes.
        lists = [str(part) for part, _ in table.index]
        shown = [
            "" if index and lists[index - 1] == part else part for index, part in enumerate(lists)
        ]
        columns = [Column("scene", [str(scene) for _, scene in table.index])]
        columns += [
            Column(str(device), [f"{clips:,}" for clips in table[device]], number=True)
            for device in table.columns
        ]
        print_table([Column("list", shown), *columns])
        print()
    for fault in result.faults:
        print(fault)
    if result.audio:
        a = result.audio
        print(
            f"recordings: checked for {a['sampling_rate']} Hz, {a['bit_depth']} bits, "
            f"{a['channels']} channel, {a['seconds']:g} s"
        )
    for remark in result.remarks:
        print(f"note: {remark}")
