from dataclasses import FrozenInstanceError
from importlib import resources

import pytest

from dssd_tf.report.section import Missing, Section
from dssd_tf.report.sections import SECTIONS
from dssd_tf.report.side_by_side.sections import SECTIONS as SEVERAL


@pytest.mark.parametrize("section", [*SECTIONS, *SEVERAL], ids=lambda section: section.template)
def test_every_sections_template_is_there(section: Section) -> None:
    assert (resources.files("dssd_tf.report") / section.template).is_file()
    assert section.title


def test_names_are_anchors_and_so_occur_once() -> None:
    for sections in (SECTIONS, SEVERAL):
        _assert_anchors([section.name for section in sections])


def _assert_anchors(names: list[str]) -> None:
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


def test_a_section_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        SECTIONS[0].title = "other"  # type: ignore[misc]


def test_what_is_missing_is_shown_with_its_commands_in_order(
    render_tables, run_dir, monkeypatch
) -> None:
    def build(run: object) -> Missing:
        return Missing("Nothing was measured", ("dssd first", "dssd second"))

    monkeypatch.setattr("dssd_tf.report.page.SECTIONS", (Section("summary", "Summary", build),))
    text = render_tables(run_dir).one("p", id="summary").text
    assert "Nothing was measured" in text
    assert 0 < text.index("dssd first") < text.index("dssd second")
