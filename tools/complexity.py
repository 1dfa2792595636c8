"""Measure a model file: ``python tools/complexity.py MODEL``, the same as ``dssd complexity``."""

import sys

from dssd_tf.cli import main

if __name__ == "__main__":
    sys.exit(main(["complexity", *sys.argv[1:]]))
