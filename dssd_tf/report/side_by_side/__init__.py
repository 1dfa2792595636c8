"""Several runs on one page."""

from dssd_tf.report.side_by_side.page import write_side_by_side

__all__ = ["write_side_by_side"]
