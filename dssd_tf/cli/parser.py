"""A command line's parser that offers the nearest name for a misspelt command."""

import argparse
from typing import Any


class Parser(argparse.ArgumentParser):
    """As `argparse.ArgumentParser`, with a short answer to an unknown command or action."""

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if not isinstance(action, argparse._SubParsersAction) or value in action.choices:
            super()._check_value(action, value)
            return
        from dssd_tf.config_errors import nearest

        kind = str(action.metavar or "name").lower()
        near = nearest(value, action.choices)
        raise argparse.ArgumentError(
            None, f"unknown {kind} {value!r}{near or f'; those there are: {self.prog} --help'}"
        )
