"""Check a submission package: the same as `dssd validate`."""

import sys

from dssd_tf.cli import main

if __name__ == "__main__":
    sys.exit(main(["validate", *sys.argv[1:]]))
