import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from dssd_tf.errors import RunError
from dssd_tf.training.distributed.cluster import Cluster
from dssd_tf.training.distributed.rendezvous import meet

Ports = Callable[[int], list[int]]


@pytest.fixture
def addresses(free_ports: Ports) -> tuple[str, ...]:
    return tuple(f"localhost:{port}" for port in free_ports(3))


@pytest.mark.parametrize("last", [0, 1])
def test_all_wait_for_the_last(addresses: tuple[str, ...], last: int) -> None:
    begun = time.monotonic()

    def come(index: int) -> float:
        time.sleep(0.5 if index == last else 0)
        meet(Cluster(addresses, index), seconds=20)
        return time.monotonic() - begun

    with ThreadPoolExecutor(3) as pool:
        assert all(0.5 <= seconds < 10 for seconds in pool.map(come, range(3)))
    # TensorFlow takes the chief's port next.
    socket.create_server(("", int(addresses[0].rpartition(":")[2]))).close()


@pytest.mark.slow
def test_who_is_missing_is_named(addresses: tuple[str, ...]) -> None:
    with ThreadPoolExecutor(2) as pool:
        worker = pool.submit(meet, Cluster(addresses, 1), seconds=2.5)
        with pytest.raises(RunError, match=f"worker {addresses[2]} did not come") as caught:
            meet(Cluster(addresses, 0), seconds=1)
        assert "TF_CONFIG" in str(caught.value)
        with pytest.raises(RunError, match=f"the chief at {addresses[0]} or another worker"):
            worker.result()


def test_another_cluster_is_refused(addresses: tuple[str, ...]) -> None:
    other = (*addresses[:2], "elsewhere:1")
    with ThreadPoolExecutor(1) as pool:
        worker = pool.submit(meet, Cluster(other, 1), seconds=1)
        with pytest.raises(RunError, match=r"has another TF_CONFIG .*elsewhere:1"):
            meet(Cluster(addresses, 0), seconds=10)
        assert worker.exception() is not None


def test_strangers_on_the_port_do_not_count(addresses: tuple[str, ...]) -> None:
    port = int(addresses[0].rpartition(":")[2])

    def knock() -> None:
        time.sleep(0.3)
        with socket.create_connection(("localhost", port), timeout=5) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        meet(Cluster(addresses[:2], 1), seconds=10)

    with ThreadPoolExecutor(1) as pool:
        stranger = pool.submit(knock)
        meet(Cluster(addresses[:2], 0), seconds=10)
        stranger.result()


def test_a_taken_port_is_named(addresses: tuple[str, ...]) -> None:
    port = int(addresses[0].rpartition(":")[2])
    with (
        socket.create_server(("", port)),
        pytest.raises(RunError, match=f"port {port} of the chief"),
    ):
        meet(Cluster(addresses, 0), seconds=5)
