"""Processes on this machine that train on several devices."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    """Start a script beside this file; it is ended with the tests at the latest."""
    running: list[subprocess.Popen[str]] = []

    def launch(
        script: str, arguments: Sequence[object], config: str | None = None
    ) -> subprocess.Popen[str]:
        environment = {k: v for k, v in os.environ.items() if k != "TF_CONFIG"}
        if config is not None:
            environment["TF_CONFIG"] = config
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name(script)), *map(str, arguments)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield launch
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def free_ports() -> Callable[[int], list[int]]:
    """Ports that were free a moment ago."""

    def find(count: int) -> list[int]:
        sockets = [socket.create_server(("localhost", 0)) for _ in range(count)]
        ports = [one.getsockname()[1] for one in sockets]
        for one in sockets:
            one.close()
        return ports

    return find


@pytest.fixture
def two_workers(free_ports: Callable[[int], list[int]]) -> list[str]:
    """TF_CONFIG of each of two workers on this machine."""
    addresses = [f"localhost:{port}" for port in free_ports(2)]
    return [
        json.dumps({"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}})
        for index in range(2)
    ]
