"""Meeting failed requests: which may pass, how often and how long to wait."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from dssd_tf.errors import DataError

if TYPE_CHECKING:
    import requests

T = TypeVar("T")

TIMEOUT = (15.0, 60.0)
"""Seconds to wait for a connection, and for the next bytes."""

_BUSY = {408, 425, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Patience:
    """How failures are met.

    Args:
        attempts: Failures without a byte gained between them until it is given up.
        first_wait: Seconds before the second attempt; doubled before each further one.
        longest_wait: Seconds, also for what the server asks for.
    """

    attempts: int = 6
    first_wait: float = 1.0
    longest_wait: float = 60.0

    def wait(self, failures: int, asked: float = 0.0) -> float:
        """Seconds to wait after so many failures."""
        return min(max(self.first_wait * 2 ** (failures - 1), asked), self.longest_wait)


class Retryable(Exception):
    """A failure that may pass: a cut connection, a busy server."""

    def __init__(self, reason: str, asked: float = 0.0):
        self.reason, self.asked = reason, asked
        super().__init__(reason)


class Stopped(Exception):
    """The fetch was called off."""


def with_patience(
    action: Callable[[], T],
    url: str,
    patience: Patience,
    *,
    progress: Callable[[], int] = lambda: 0,
    stop: threading.Event | None = None,
) -> T:
    """Do `action`, again where it fails in a way that may pass.

    Args:
        action: Requests `url`.
        url: For the error.
        patience: How often and how long.
        progress: A number that grows as long as attempts bring something.
        stop: Set to call it off.

    Raises:
        DataError: It failed `patience.attempts` times in a row without progress.
        Stopped: It was called off.
    """
    import requests

    stop, failures, before = stop or threading.Event(), 0, progress()
    while True:
        asked = 0.0
        try:
            return action()
        except Retryable as error:
            reason, asked = error.reason, error.asked
        except requests.exceptions.SSLError as error:
            raise DataError(
                f"the server's certificate is refused ({_reason(error)})",
                path=url,
                fix="check the clock and the network's proxy",
            ) from error
        except requests.exceptions.RequestException as error:
            reason = _reason(error)
        if stop.is_set():
            raise Stopped
        now = progress()
        failures, before = (1 if now > before else failures + 1), now
        if failures >= patience.attempts:
            raise DataError(
                f"{reason} ({failures} attempts)",
                path=url,
                fix="check the network, then run the same command again: it goes on from there",
            )
        if stop.wait(patience.wait(failures, asked)):
            raise Stopped


def check_status(response: "requests.Response", url: str) -> None:
    """Raise for an answer that is no success.

    Raises:
        Retryable: The server is busy or failed.
        DataError: It will not answer otherwise.
    """
    if response.status_code < 400:
        return
    found = f"the server answers {response.status_code} {response.reason}"
    if response.status_code in _BUSY:
        asked = response.headers.get("Retry-After", "")
        raise Retryable(found, float(asked) if asked.isdecimal() else 0.0)
    raise DataError(found, path=url, fix="the file may have moved: look for it by hand")


def _reason(error: BaseException) -> str:
    """The innermost reason the operating system gave, else the kind of the error."""
    kind = type(error).__name__
    seen: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in seen:
        seen.append(found)
        inner = [part for part in found.args if isinstance(part, BaseException)]
        inner += [part for part in (getattr(found, "reason", None),) if isinstance(part, Exception)]
        found = found.__cause__ or found.__context__ or (inner[0] if inner else None)
    for part in reversed(seen):
        if isinstance(part, OSError) and part.strerror:
            return f"no connection: {part.strerror}"
    texts = {"ConnectTimeout": "no connection: timed out", "ReadTimeout": "the server fell silent"}
    return texts.get(
        kind, "the connection was cut" if "Chunked" in kind else f"no connection: {kind}"
    )
