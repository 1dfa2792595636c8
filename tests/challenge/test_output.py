import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dssd_tf.challenge.output import format_output
from dssd_tf.challenge.validate_output import check_output
from dssd_tf.errors import PackageError

CLASSES = ["bus", "park", "tram"]


def _read(data: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(data), sep="\t")


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 12), st.just(3)),
        elements=st.floats(0, 1, allow_subnormal=False),
    ).filter(lambda values: (values.sum(axis=1) > 1e-3).all()),
    st.sampled_from([np.float32, np.float64]),
)
def test_what_is_written_passes_and_reads_back_to_a_millionth(
    values: np.ndarray, dtype: type
) -> None:
    probabilities = (values / values.sum(axis=1, keepdims=True)).astype(dtype)
    names = [f"{number}.wav" for number in range(len(values))]
    frame = pd.DataFrame(probabilities, columns=CLASSES).assign(filename=names)
    data = format_output(frame, CLASSES)
    assert check_output("o.csv", data, CLASSES, names, numbered=True) == []
    table = _read(data)
    read = table[CLASSES].to_numpy()
    np.testing.assert_allclose(read, probabilities, rtol=0, atol=1e-6)
    np.testing.assert_allclose(read.sum(axis=1), 1, rtol=0, atol=1e-6)
    stated = read[np.arange(len(read)), [CLASSES.index(name) for name in table["scene_label"]]]
    np.testing.assert_array_equal(stated, read.max(axis=1))


def test_form_and_order() -> None:
    frame = pd.DataFrame(
        {
            "filename": ["audio/10.wav", "audio/2.wav"],
            "device": ["a", "b"],
            "tram": [0.5, 0.0],
            "bus": [0.25, 1.0],
            "park": [0.25, 0.0],
        }
    )
    assert format_output(frame, CLASSES) == (
        b"filename\tscene_label\tbus\tpark\ttram\n"
        b"2.wav\tbus\t1.000000000\t0.000000000\t0.000000000\n"
        b"10.wav\ttram\t0.250000000\t0.250000000\t0.500000000\n"
    )


def test_names_that_are_no_numbers_keep_their_order() -> None:
    frame = pd.DataFrame({"filename": ["z.wav", "a.wav"], "bus": 1.0, "park": 0.0, "tram": 0.0})
    assert list(_read(format_output(frame, CLASSES))["filename"]) == ["z.wav", "a.wav"]


@pytest.mark.parametrize(
    "row", [[0.5, 0.5, np.nan], [1.5, -0.5, 0.0], [0.2, 0.2, 0.2], [3.0, -1.0, 8.0], [0, 0, 0]]
)
def test_rows_that_are_no_distribution_are_refused(row: list[float]) -> None:
    frame = pd.DataFrame([[1.0, 0.0, 0.0], row], columns=CLASSES)
    frame["filename"] = ["0.wav", "1.wav"]
    with pytest.raises(PackageError, match=r"'1\.wav' are no probabilities"):
        format_output(frame, CLASSES)


def test_a_missing_class_is_named_with_the_nearest_column(
    make_frame: Callable[..., pd.DataFrame],
) -> None:
    frame = make_frame(["bus", "parks", "tram"])
    with pytest.raises(PackageError, match="no column 'park', did you mean 'parks'"):
        format_output(frame, CLASSES)


def test_a_name_with_a_tab_is_refused(make_frame: Callable[..., pd.DataFrame]) -> None:
    with pytest.raises(PackageError, match="cannot stand in a TAB-separated file"):
        format_output(make_frame(CLASSES, ["a\tb.wav"]), CLASSES)


def test_text_in_a_probability_is_refused() -> None:
    frame = pd.DataFrame({"filename": ["0.wav"], "bus": ["x"], "park": [0.0], "tram": [1.0]})
    with pytest.raises(PackageError, match="not a number"):
        format_output(frame, CLASSES)


def test_the_bytes_do_not_depend_on_how_the_table_lies_in_memory() -> None:
    values = np.random.default_rng(0).dirichlet(np.ones(12), size=2000)
    classes = [f"class{number}" for number in range(12)]
    names = [f"{number}.wav" for number in range(2000)]
    written = {
        format_output(pd.DataFrame(order(values), columns=classes).assign(filename=names), classes)
        for order in (np.ascontiguousarray, np.asfortranarray)
    }
    assert len(written) == 1
