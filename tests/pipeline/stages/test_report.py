from collections.abc import Callable

from dssd_tf.pipeline import RunFolder, Workspace
from dssd_tf.pipeline.stages import report


def test_the_page_is_made_from_the_folder_alone(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    workspace = changed_workspace(data={"root": "/nowhere"})
    run.report.unlink()
    assert report.make_report(run, workspace) == [str(run.report)]
    page = run.report.read_text(encoding="utf-8")
    assert all(scene in page for scene in run.recipe().data.classes or ["?"])
