"""`dssd models`: the registry."""

import argparse
from typing import Any

from dssd_tf.cli.options import subparser


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(subparsers, "models", "list the networks a recipe can name")
    parser.add_argument("pattern", nargs="?", default="*", help="shell pattern, e.g. 'dsmn*'")
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Print a line a network."""
    from dssd_tf.models import list_models, model_config

    for name in list_models(options.pattern):
        print(f"{name:<16}{model_config(name).summary}")
    return 0
