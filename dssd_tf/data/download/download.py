"""Downloading a known dataset: fetched, verified and unpacked, and on again where it stopped."""

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

from dssd_tf.data.download.patience import Patience, Stopped
from dssd_tf.data.download.plan import (
    ARCHIVES,
    STATE,
    DownloadPlan,
    is_whole_list,
    marker,
    new_session,
)
from dssd_tf.data.download.progress_bar import Bytes, transfer_bar
from dssd_tf.data.download.record import RemoteFile
from dssd_tf.data.download.transfer import Transfer
from dssd_tf.data.download.unpack import unpack
from dssd_tf.errors import DataError
from dssd_tf.files import write_json


def download(
    plan: DownloadPlan,
    *,
    jobs: int = 2,
    keep_archives: bool = False,
    patience: Patience | None = None,
) -> None:
    """Carry out a plan. Whatever stops it, the same call goes on from there.

    Args:
        plan: From `plan_download`.
        jobs: Files fetched at once.
        keep_archives: Keep the zip files, in `archives/`.
        patience: How failures are met.

    Raises:
        DataError: The disk is too small, another download is at work in the folder, or a file
            cannot be fetched, verified or unpacked.
    """
    if plan.needed_bytes > plan.free_bytes:
        raise DataError(
            f"has {plan.free_bytes:,} bytes free, the download needs about {plan.needed_bytes:,}",
            path=plan.root,
            fix="free some space or name a folder on a larger disk",
        )
    stop = threading.Event()
    with _alone(plan.root), transfer_bar(sum(f.size or 0 for f in plan.todo)) as count:
        pool = ThreadPoolExecutor(max(1, jobs))
        try:
            futures = [
                pool.submit(_bring, file, plan, count, stop, keep_archives, patience)
                for file in plan.todo
            ]
            finished, _ = wait(futures, return_when=FIRST_EXCEPTION)
            stop_on = [error for future in finished if (error := future.exception())]
            if stop_on:
                raise stop_on[0]
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
    with contextlib.suppress(OSError):
        (plan.root / ARCHIVES).rmdir()


def _bring(
    file: RemoteFile,
    plan: DownloadPlan,
    count: Bytes,
    stop: threading.Event,
    keep_archives: bool,
    patience: Patience | None,
) -> None:
    """Fetch one file and put what it holds in its place."""
    if stop.is_set():
        raise Stopped
    with new_session() as session:
        transfer = Transfer(session, count, stop, patience)
        if file.is_list:
            _bring_list(file, plan, transfer)
            return
        archive = plan.root / ARCHIVES / file.name
        transfer.fetch(file, archive)
    if archive.suffix == ".zip":
        count.note(f"unpacking {file.name}")
        unpack(archive, plan.root, folder=plan.known.folder.value, stop=stop)
        count.note("")
        write_json(marker(plan.root, file), {"md5": file.md5, "size": file.size})
        if not keep_archives:
            archive.unlink()


def _bring_list(file: RemoteFile, plan: DownloadPlan, transfer: Transfer) -> None:
    target = plan.root / "evaluation_setup" / file.name
    target.unlink(missing_ok=True)
    transfer.fetch(file, target)
    if not is_whole_list(plan.known, target):
        target.unlink()
        clips = plan.known.lists[target.stem].clips
        raise DataError(
            f"does not list the expected {clips} clips",
            path=file.url,
            fix="try again later, or fetch it by hand",
        )


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Keep a second download out of the folder; the lock ends with the process."""
    path = root / STATE / "lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("a")
    except OSError as error:
        raise DataError(
            f"could not be written ({error.strerror})", path=root, fix="name another folder"
        ) from error
    with stream:
        try:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            pass
        except OSError as error:
            raise DataError(
                "another download is at work here", path=root, fix="wait for it to finish"
            ) from error
        yield
