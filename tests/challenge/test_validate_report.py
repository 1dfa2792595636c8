import pytest

from dssd_tf.challenge.validate_report import check_report


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.4\n%%EOF",
        b"%PDF-2.0\nexample\n%%EOF\n",
        b"%PDF-1.4" + bytes(5000) + b"%%EOF" + bytes(1000),
    ],
)
def test_a_pdf_has_no_faults(data: bytes) -> None:
    assert check_report("r.pdf", data) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the technical report is empty"),
        (b"text", "is not a PDF; it does not start with %PDF-"),
        (b"\n%PDF-1.4\n%%EOF", "is not a PDF; it does not start with %PDF-"),
        (b"PK\x03\x04 %PDF- %%EOF", "is not a PDF; it does not start with %PDF-"),
        (b"%PDF-1.4 text", "is a PDF cut short; the end mark %%EOF is missing"),
        (b"%PDF-1.4 %%EOF" + bytes(1024), "is a PDF cut short; the end mark %%EOF is missing"),
    ],
)
def test_what_is_no_whole_pdf_is_told(data: bytes, message: str) -> None:
    (fault,) = check_report("r.pdf", data)
    assert (fault.file, fault.row, fault.field) == ("r.pdf", None, "report")
    assert (fault.expected, fault.message) == ("a PDF file", message)
    assert fault.found.startswith(f"{len(data)} bytes")


def test_the_start_of_what_is_no_pdf_is_shown_safely() -> None:
    (fault,) = check_report("r.pdf", b"PK\x1b[31m" * 99)
    assert fault.found == "693 bytes that start 'PK\\x1b[31mPK\\x1b[31mPK\\x1b[31'"
    assert fault.found.isprintable()
