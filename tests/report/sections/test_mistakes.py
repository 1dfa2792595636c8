import base64

import pytest

from dssd_tf.errors import RunError
from dssd_tf.report.run import read_run
from dssd_tf.report.section import Missing
from dssd_tf.report.sections.mistakes import build


def test_each_clip_can_be_seen_and_heard(page):
    section = page.one("section", id="mistakes")
    pictures = [base64.b64decode(i.attributes["src"].split(",")[1]) for i in section.all("img")]
    assert pictures == [b"picture 1", b"picture 2"]
    assert "audio/bus-lisbon-2" in section.all("img")[1].attributes["alt"]
    sound = section.one("audio")
    assert (
        sound.attributes["src"] == "data:audio/flac;base64," + base64.b64encode(b"sound").decode()
    )
    assert "controls" in sound.attributes and sound.attributes["aria-label"].endswith("-1-1-a.wav")
    told = " ".join(section.text.split())
    assert "bus (5.00 %), taken for park (90.00 %)." in told
    assert "could not be read when the run was evaluated" in told


def test_the_page_may_load_nothing_but_what_is_in_it(page):
    texts = [m.attributes.get("content") or "" for m in page.all("meta")]
    (policy,) = [text for text in texts if text.startswith("default-src")]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"


def test_a_run_without_mistakes(run_dir, edit, render_tables):
    edit(run_dir / "mistakes" / "mistakes.json", lambda mistakes: mistakes.update(clips=[]))
    section = render_tables(run_dir).one("section", id="mistakes")
    assert "made no mistake" in section.text and not section.all("img")


def test_an_older_run_has_none(run_dir):
    (run_dir / "mistakes" / "mistakes.json").unlink()
    assert isinstance(build(read_run(run_dir)), Missing)


def test_what_is_damaged_is_told(run_dir, edit):
    (run_dir / "mistakes" / "2.png").unlink()
    with pytest.raises(RunError, match=r"2.png: cannot be read .* `dssd evaluate"):
        build(read_run(run_dir))

    def leave(mistakes):
        mistakes["clips"][0]["picture"] = "../../secret.png"

    edit(run_dir / "mistakes" / "mistakes.json", leave)
    with pytest.raises(RunError, match=r"clips\.0\.picture"):
        read_run(run_dir)
