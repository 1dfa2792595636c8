"""`python -m dssd_tf`: the command line, where `dssd` is not on the path."""

import sys

from dssd_tf.cli import main

if __name__ == "__main__":
    sys.exit(main())
