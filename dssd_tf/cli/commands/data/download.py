"""`dssd data download`: a published data set from its archive."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dssd_tf.cli.options import subparser

if TYPE_CHECKING:
    from dssd_tf.data.download.plan import DownloadPlan

_EPILOG = """\
examples:
  dssd data download --list                  the sets there are
  dssd data download tau2022 --list          the files of one set
  dssd data download tau2022 data/tau2022 --yes
  dssd data download dcase2024 data/tau2022  the training splits of 2024, beside the recordings

Whatever stops it, the same command goes on from there. Archives are deleted once they are
unpacked; DIR/.download/ tells which: delete a file there to fetch its archive again.
"""


def add_parser(subparsers: Any) -> None:
    """Add the action."""
    parser = subparser(
        subparsers, "download", "fetch, verify and unpack a published data set", _EPILOG
    )
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR")
    parser.add_argument("--list", action="store_true", help="print what there is, fetch nothing")
    parser.add_argument("--yes", action="store_true", help="start without asking")
    parser.add_argument(
        "--jobs",
        type=int,
        choices=range(1, 17),
        default=2,
        metavar="N",
        help="files at once, 1 to 16 (default: %(default)s)",
    )
    parser.add_argument(
        "--base-url", metavar="URL", help="a mirror, in place of scheme and host of every address"
    )
    parser.add_argument("--keep-archives", action="store_true", help="keep the zip files")
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Plan, ask, fetch."""
    from dssd_tf.data.download.download import download
    from dssd_tf.data.download.plan import plan_download
    from dssd_tf.data.known_dataset import load_known_dataset
    from dssd_tf.errors import DataError
    from dssd_tf.progress import say

    if options.name is None:
        if options.list:
            _print_datasets()
            return 0
        raise DataError("no data set is named", fix="see them with `dssd data download --list`")
    known = load_known_dataset(options.name)
    if options.folder is None and not options.list:
        raise DataError("no folder is named", fix=f"dssd data download {known.name} DIR")
    if options.base_url and not options.base_url.startswith(("http://", "https://")):
        raise DataError(f"--base-url {options.base_url!r} is no http address")
    plan = plan_download(
        known,
        options.folder or Path(),
        base_url=options.base_url,
        jobs=options.jobs,
        keep_archives=options.keep_archives,
    )
    if options.list:
        _print_files(plan, options.folder is not None)
        return 0
    if not plan.todo:
        say(f"{plan.root}: {known.name} is complete")
        return 0
    _confirm(plan, options.yes)
    download(plan, jobs=options.jobs, keep_archives=options.keep_archives)
    say(f"{plan.root}: {known.name} is complete")
    if known.based_on:
        say(f"its recordings are those of {known.based_on}")
    say(f"check it: dssd data verify {plan.root} --dataset {known.name}")
    return 0


def _confirm(plan: "DownloadPlan", yes: bool) -> None:
    """Say what will come and ask, unless `--yes` was given."""
    from rich.filesize import decimal

    from dssd_tf.errors import DataError
    from dssd_tf.progress import say

    say(f"{plan.known.title} (licence: {plan.known.licence.value})")
    say(
        f"{len(plan.todo)} of {len(plan.files)} files, {decimal(plan.missing_bytes)} to fetch; "
        f"takes about {decimal(plan.needed_bytes)} on the disk, {decimal(plan.free_bytes)} free"
    )
    if yes or plan.needed_bytes > plan.free_bytes:
        # Too small a disk is refused without a question.
        return
    if not sys.stdin.isatty():
        raise DataError("nobody can be asked whether to start", fix="add --yes")
    if input("Download? [y/N] ").strip().lower() not in {"y", "yes"}:
        raise DataError("nothing was fetched")


def _print_datasets() -> None:
    from dssd_tf.cli.text_table import Column, print_table
    from dssd_tf.data.known_dataset import list_known_datasets, load_known_dataset

    sets = [load_known_dataset(name) for name in list_known_datasets()]
    print_table(
        [
            Column("name", [known.name for known in sets]),
            Column("clips", [f"{known.clips.value:,}" for known in sets], number=True),
            Column("seconds", [f"{known.clip_seconds.value:g}" for known in sets], number=True),
            Column("record", [str(known.record or "-") for known in sets]),
            Column("title", [known.title for known in sets], folds=True),
        ]
    )


def _print_files(plan: "DownloadPlan", compared: bool) -> None:
    from dssd_tf.cli.text_table import Column, print_table

    columns = [
        Column("file", [file.name for file in plan.files]),
        Column(
            "bytes", ["-" if f.size is None else f"{f.size:,}" for f in plan.files], number=True
        ),
        Column("MD5", [file.md5 or "-" for file in plan.files]),
    ]
    if compared:
        there = ["done" if file.name in plan.done else "to fetch" for file in plan.files]
        columns.append(Column("state", there))
    print_table(columns)
    print(f"\n{len(plan.files)} files, {plan.total_bytes:,} bytes")
