"""Entry of the `dssd` command: parsing, and errors told in one line.

Exit codes: 0 done; 1 a submission or a dataset has faults; 2 an error in input or surroundings;
3 over a limit of the edition; 130 interrupted.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from dssd_tf.cli import commands
from dssd_tf.cli.parser import Parser
from dssd_tf.errors import DssdError
from dssd_tf.native_log import silenced
from dssd_tf.native_memory import keep_freed_memory
from dssd_tf.version import __version__

_EPILOG = """\
a first run:
  dssd data synthesize demo/data          make a small synthetic data set
  dssd run recipes/demo/demo.yaml --data demo/data --out demo/run
on your own recordings (a folder for each class):
  dssd data cut RECORDINGS DIR            make a set in the TAU layout of them
  dssd run RECIPE --data DIR --out runs/mine
each command explains itself: dssd COMMAND --help
"""


def build_parser() -> argparse.ArgumentParser:
    """The parser with every command."""
    parser = Parser(
        prog="dssd",
        description="Low-complexity acoustic scene classification: train, quantize, count, "
        "package and validate a DCASE Task 1 submission.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"dssd_tf {__version__}")
    parser.set_defaults(uses_tensorflow=False, before_tensorflow=None)
    parser.add_argument("--debug", action="store_true", help="show tracebacks of errors")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in commands.ALL:
        command.add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("ABSL_MIN_LOG_LEVEL", "3")
    options = build_parser().parse_args(arguments)
    try:
        if options.uses_tensorflow:
            if options.before_tensorflow is not None:
                options.before_tensorflow(options)
            _load_tensorflow()
        return options.handler(options) or 0
    except DssdError as error:
        if options.debug:
            raise
        for line in error.lines:
            print(f"dssd: error: {line}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        if options.debug:
            raise
        print("dssd: interrupted; nothing finished is lost", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 141


def _load_tensorflow() -> None:
    """Import it here once, so that its start-up messages can be held back."""
    keep_freed_memory()
    with silenced():
        import keras  # noqa: F401
        import tensorflow  # noqa: F401
