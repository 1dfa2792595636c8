"""Waiting until all workers are there, before TensorFlow is asked to.

TensorFlow's own waiting has no end on the chief, cannot be interrupted, and does not say who is
missing (seen with TensorFlow 2.21).
"""

import contextlib
import json
import socket
import time

from dssd_tf.errors import RunError
from dssd_tf.progress import say
from dssd_tf.training.distributed.cluster import Cluster

_GO = b"go\n"
_FIX = "start the same command on every machine of TF_CONFIG, and let the ports through"


def meet(cluster: Cluster, *, seconds: float = 600.0) -> None:
    """Return once every worker of the cluster has called this.

    The workers connect to the chief's address, which is free again when this returns.

    Args:
        cluster: All workers and this one.
        seconds: How long to wait.

    Raises:
        RunError: A worker did not come in time, has another TF_CONFIG, or the chief's port is
            taken.
    """
    end = time.monotonic() + seconds
    if cluster.is_chief:
        _gather(cluster, end, seconds)
    else:
        _report(cluster, end, seconds)


def _gather(cluster: Cluster, end: float, seconds: float) -> None:
    port = int(cluster.addresses[0].rpartition(":")[2])
    missing = set(range(1, len(cluster.addresses)))
    say(f"  waiting for {len(missing)} more worker{'s' if len(missing) > 1 else ''}")
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(socket.create_server(("", port)))
        except OSError as error:
            raise RunError(
                f"port {port} of the chief cannot be used ({error.strerror})",
                fix="end what holds it, or name another port in TF_CONFIG",
            ) from error
        there: list[socket.socket] = []
        while missing:
            server.settimeout(max(0.0, end - time.monotonic()) or 1e-3)
            try:
                connection = stack.enter_context(server.accept()[0])
            except TimeoutError:
                names = ", ".join(cluster.addresses[index] for index in sorted(missing))
                raise RunError(
                    f"worker {names} did not come within {seconds:g} s", fix=_FIX
                ) from None
            index = _greeting(connection, cluster)
            if index is not None:
                missing.discard(index)
                there.append(connection)
        for connection in there:
            with contextlib.suppress(OSError):
                connection.sendall(_GO)
                connection.recv(1)  # The worker closes first: so the port is free at once.


def _greeting(connection: socket.socket, cluster: Cluster) -> int | None:
    """The index of the worker that has called; None if it was something else."""
    connection.settimeout(10)
    try:
        with connection.makefile("r", encoding="utf-8") as lines:
            addresses, index = json.loads(lines.readline(4096))
        known = 0 < index < len(cluster.addresses)
    except (OSError, ValueError, TypeError):
        return None
    if not known or tuple(addresses) != cluster.addresses:
        raise RunError(
            f"worker {index} has another TF_CONFIG ({', '.join(map(str, addresses))}) than the "
            f"chief ({', '.join(cluster.addresses)})",
            fix="give all machines the same cluster",
        )
    return index


def _report(cluster: Cluster, end: float, seconds: float) -> None:
    chief = cluster.addresses[0]
    host, _, port = chief.rpartition(":")
    say(f"  waiting for the chief at {chief}")
    while (left := end - time.monotonic()) > 0:
        try:
            with socket.create_connection((host.strip("[]"), int(port)), timeout=left) as chief_end:
                greeting = json.dumps([list(cluster.addresses), cluster.index]) + "\n"
                chief_end.sendall(greeting.encode())
                if chief_end.recv(len(_GO)) == _GO:
                    return
        except OSError:
            pass
        time.sleep(0.2)
    raise RunError(
        f"the chief at {chief} or another worker did not come in {seconds:g} s", fix=_FIX
    )
