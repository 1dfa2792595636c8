import pytest
from hypothesis import given
from hypothesis import strategies as st

from dssd_tf.challenge.label import Label, parse_label

parts = st.from_regex(r"[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,4})?", fullmatch=True)


@pytest.mark.slow
@given(parts, parts, st.integers(1, 4))
def test_a_label_survives_printing_and_parsing(last: str, institute: str, number: int) -> None:
    label = Label(last, institute, "task1", number)
    assert parse_label(str(label), "task1", 4) == label


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Doe_EXAMPLE_1", "3 parts"),
        ("Doe_EX_AMPLE_task1_1", "5 parts"),
        ("Doe_EX.AMPLE_task1_1", "part 'EX.AMPLE'"),
        ("_EXAMPLE_task1_1", "part ''"),
        ("Doe_EXAMPLE_task2_1", "third part is 'task2'"),
        ("Doe_EXAMPLE_task1_0", "system number '0'"),
        ("Doe_EXAMPLE_task1_5", "system number '5'"),
        ("Doe_EXAMPLE_task1_١", "system number"),
    ],
)
def test_a_wrong_label_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_label(text, "task1", 4)
