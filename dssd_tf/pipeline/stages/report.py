"""Stage: the HTML page."""

from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.report import write_report


def make_report(run: RunFolder, workspace: Workspace) -> list[str]:
    """Write `report.html` from the files of the folder."""
    return [str(write_report(run.path))]
