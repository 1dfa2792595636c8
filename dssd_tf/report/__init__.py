"""A run's folder, or several, as an HTML page, and as a results sheet for a submission."""

from dssd_tf.report.page import write_report
from dssd_tf.report.results_sheet import write_results_sheet
from dssd_tf.report.side_by_side import write_side_by_side

__all__ = ["write_report", "write_results_sheet", "write_side_by_side"]
