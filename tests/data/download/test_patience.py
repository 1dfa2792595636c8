import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from dssd_tf.data.download.patience import (
    Patience,
    Retryable,
    Stopped,
    check_status,
    with_patience,
)
from dssd_tf.data.download.plan import plan_download
from dssd_tf.data.known_dataset import KnownDataset
from dssd_tf.errors import DataError

Get = Callable[..., None]
Refused = Callable[..., str]
Written = Callable[[Path], dict[str, bytes]]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_busy_server_is_asked_again(
    known: KnownDataset,
    server: Any,
    tmp_path: Path,
    status: int,
    get: Get,
    written: Written,
    small: Any,
) -> None:
    server.behaviours[small.audio] = [f"status:{status}"] * 2
    server.behaviours["123"] = [f"status:{status}"]
    get(known, server, tmp_path)
    assert written(tmp_path) == small.content


def test_a_server_that_stays_busy_is_given_up(
    known: KnownDataset, server: Any, tmp_path: Path, refused: Refused, small: Any
) -> None:
    server.behaviours[small.audio] = ["status:500"] * 9
    message = refused(known, server, tmp_path)
    assert "the server answers 500 Internal Server Error (3 attempts)" in message
    assert len(server.behaviours[small.audio]) == 6


def test_attempts_count_anew_when_something_came(
    known: KnownDataset, server: Any, tmp_path: Path, get: Get, written: Written, small: Any
) -> None:
    server.behaviours[small.audio] = ["cut:100000", "status:500"] * 5
    get(known, server, tmp_path)
    assert written(tmp_path) == small.content


def test_no_connection(known: KnownDataset, tmp_path: Path, quick: Patience) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(DataError) as error:
        plan_download(known, tmp_path, base_url=url, patience=quick)
    message = str(error.value)
    assert message.startswith(f"{url}/api/records/123: no connection: Connection refused")
    assert "(3 attempts)" in message and "check the network" in message and "\n" not in message


def test_waits_double_up_to_the_longest() -> None:
    patience = Patience(first_wait=1.0, longest_wait=10.0)
    assert [patience.wait(failures) for failures in range(1, 7)] == [1, 2, 4, 8, 10, 10]
    assert patience.wait(1, asked=5.0) == 5
    assert patience.wait(1, asked=500.0) == 10


class Action:
    """Fails as listed, then gives 7."""

    def __init__(self, *failures: Exception):
        self.failures = list(failures)

    def __call__(self) -> int:
        if self.failures:
            raise self.failures.pop(0)
        return 7


def test_what_may_pass_is_done_again(quick: Patience) -> None:
    timeout = requests.exceptions.ConnectTimeout()
    assert with_patience(Action(Retryable("busy"), timeout), "http://x", quick) == 7


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (Retryable("the server is busy"), "the server is busy"),
        (requests.exceptions.ConnectTimeout(), "no connection: timed out"),
        (requests.exceptions.ReadTimeout(), "the server fell silent"),
        (requests.exceptions.ChunkedEncodingError(), "the connection was cut"),
        (requests.exceptions.ConnectionError(), "no connection: ConnectionError"),
        (
            requests.exceptions.ConnectionError(OSError(113, "No route to host")),
            "no connection: No route to host",
        ),
    ],
)
def test_what_does_not_pass_is_told_with_its_reason(
    quick: Patience, failure: Exception, reason: str
) -> None:
    with pytest.raises(DataError) as error:
        with_patience(Action(*[failure] * 3), "http://x/a", quick)
    assert str(error.value).startswith(f"http://x/a: {reason} (3 attempts)")
    assert "run the same command again" in str(error.value)


def test_progress_between_failures_counts_anew(quick: Patience) -> None:
    gained = iter(range(100))
    failures = [Retryable("cut")] * 20
    assert with_patience(Action(*failures), "http://x", quick, progress=lambda: next(gained)) == 7


def test_a_refused_certificate_is_not_tried_again(quick: Patience) -> None:
    action = Action(requests.exceptions.SSLError(), Retryable("never met"))
    with pytest.raises(DataError, match=r"certificate is refused.*check the clock"):
        with_patience(action, "https://x", quick)
    assert len(action.failures) == 1


def test_other_errors_are_not_met(quick: Patience) -> None:
    with pytest.raises(ZeroDivisionError):
        with_patience(Action(ZeroDivisionError()), "http://x", quick)


def test_a_stop_ends_the_wait() -> None:
    stop = threading.Event()
    threading.Timer(0.05, stop.set).start()
    start = time.monotonic()
    with pytest.raises(Stopped):
        with_patience(Action(Retryable("busy")), "http://x", Patience(first_wait=50), stop=stop)
    assert time.monotonic() - start < 20


def _response(status: int, **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code, response.reason = status, "Reason"
    response.headers.update(headers)
    return response


@pytest.mark.parametrize("status", [200, 206, 302])
def test_an_answer_is_no_failure(status: int) -> None:
    check_status(_response(status), "http://x")


@pytest.mark.parametrize(
    ("after", "asked"), [("7", 7.0), ("", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0)]
)
def test_a_busy_server_may_say_how_long(after: str, asked: float) -> None:
    with pytest.raises(Retryable, match="the server answers 503 Reason") as error:
        check_status(_response(503, **{"Retry-After": after}), "http://x")
    assert error.value.asked == asked


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_other_refusals_are_final(status: int) -> None:
    with pytest.raises(DataError, match=f"http://x: the server answers {status} Reason"):
        check_status(_response(status), "http://x")
