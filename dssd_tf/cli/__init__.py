"""The `dssd` command."""

from dssd_tf.cli.main import main

__all__ = ["main"]
