"""Quantize a run's model or a `.keras` file: the same as `dssd quantize`."""

import sys

from dssd_tf.cli import main

if __name__ == "__main__":
    sys.exit(main(["quantize", *sys.argv[1:]]))
