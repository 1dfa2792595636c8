"""Options of the commands that put a teacher into a bank."""

import argparse


def add_overwrite(parser: argparse.ArgumentParser) -> None:
    """`--overwrite`."""
    parser.add_argument(
        "--overwrite", action="store_true", help="replace a teacher of the same name"
    )


def add_origin(parser: argparse.ArgumentParser, teacher: str) -> None:
    """`--fold` or `--split`, the training list of a teacher that does not tell it itself.

    Args:
        teacher: What it is, for the help.
    """
    origin = parser.add_mutually_exclusive_group()
    for part in ("fold", "split"):
        origin.add_argument(
            f"--{part}", type=int, metavar="N", help=f"{part} {teacher} was trained on"
        )
