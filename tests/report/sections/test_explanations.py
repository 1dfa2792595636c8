import base64

import pytest

from dssd_tf.errors import RunError
from dssd_tf.report.run import read_run
from dssd_tf.report.section import Missing
from dssd_tf.report.sections.explanations import build

NAME = "explanations"


def test_each_clip_can_be_seen_and_heard(page):
    section = page.one("section", id=NAME)
    for kind, key, words in (("img", "src", b"explanation %d"), ("audio", "src", b"sound %d")):
        contents = [base64.b64decode(n.attributes[key].split(",")[1]) for n in section.all(kind)]
        assert contents == [words % 1, words % 2]
    assert "what spoke for park" in section.all("img")[0].attributes["alt"]
    assert section.all("audio")[0].attributes["aria-label"] == "park.wav"
    first, second = [" ".join(caption.text.split()) for caption in section.all("figcaption")]
    assert first.startswith("park.wav: park 75.00 % (int8).")
    assert "without the low half −1.250, without the high half +0.500" in first
    assert second.startswith("park.wav from 1.50 s: park")
    assert "Older than the model" not in section.text


def test_an_explanation_of_an_older_model_is_marked(run_dir, edit, render_tables):
    def redo(stages):
        stages["train"]["finished"] = "2026-01-04T00:00:00+00:00"

    edit(run_dir / "stages.json", redo)
    section = render_tables(run_dir).one("section", id=NAME)
    assert section.text.count("Older than the model") == 2


def test_a_run_without_one_tells_the_command(run_dir):
    (run_dir / NAME / "explanations.json").unlink()
    found = build(read_run(run_dir))
    assert isinstance(found, Missing)
    assert found.commands == ("dssd explain RUN FILE.wav --keep",)


@pytest.mark.parametrize(
    ("key", "value"),
    [("made", "yesterday"), ("picture", "../a.png"), ("audio", "a.wav"), ("probability", 2.0)],
)
def test_what_is_damaged_is_told(run_dir, edit, key, value):
    edit(run_dir / NAME / "explanations.json", lambda table: table["clips"][1].update({key: value}))
    with pytest.raises(RunError, match=rf"clips\.1\.{key}"):
        read_run(run_dir)


def test_a_lost_picture_is_told(run_dir):
    (run_dir / NAME / "park_2.png").unlink()
    with pytest.raises(
        RunError, match=r"park_2.png: cannot be read .* explain the recording again"
    ):
        build(read_run(run_dir))
