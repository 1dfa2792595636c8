"""A run's folder as one HTML page, and as a one-page results sheet for a submission."""

from dssd_tf.report.page import write_report
from dssd_tf.report.results_sheet import write_results_sheet

__all__ = ["write_report", "write_results_sheet"]
