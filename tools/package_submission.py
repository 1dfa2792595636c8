"""Write a submission package: the same as `dssd package`."""

import sys

from dssd_tf.cli import main

if __name__ == "__main__":
    sys.exit(main(["package", *sys.argv[1:]]))
