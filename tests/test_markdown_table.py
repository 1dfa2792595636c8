from dssd_tf.markdown_table import markdown_table


def test_a_line_a_row() -> None:
    assert markdown_table(("a", "b"), [("1", "2")]) == "| a | b |\n|---|---|\n| 1 | 2 |"
    assert markdown_table(("a",), []) == "| a |\n|---|"


def test_text_does_not_break_the_table() -> None:
    assert markdown_table(("a",), [("x | y\nz",)]).splitlines()[2] == "| x \\| y z |"
