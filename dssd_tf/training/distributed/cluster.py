"""The workers of a training on several machines, as TF_CONFIG names them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dssd_tf.errors import RunError

EXAMPLE = (
    '{"cluster": {"worker": ["host1:12345", "host2:12345"]}, '
    '"task": {"type": "worker", "index": 0}}'
)
_FIX = f"set it on each machine, with its own index, such as TF_CONFIG='{EXAMPLE}'"


@dataclass(frozen=True)
class Cluster:
    """All workers, and which of them this process is.

    Args:
        addresses: ``host:port`` of each worker, the chief first.
        index: Of this process.
    """

    addresses: tuple[str, ...]
    index: int

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the run's folder."""
        return self.index == 0


def read_cluster(environment: Mapping[str, str]) -> Cluster:
    """The cluster in TF_CONFIG: tasks of the types ``chief`` (at most one) and ``worker``.

    Raises:
        RunError: TF_CONFIG is missing or does not name two workers or more, with this process
            among them.
    """
    text = environment.get("TF_CONFIG", "").strip()
    if not text:
        raise RunError("training.devices multi_worker needs TF_CONFIG, which is not set", fix=_FIX)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise RunError(f"TF_CONFIG is not valid JSON ({error})", fix=_FIX) from error
    cluster, task = _entry(found, "cluster"), _entry(found, "task")
    jobs = {name: _addresses(name, value) for name, value in cluster.items()}
    unknown = sorted(set(jobs) - {"chief", "worker"})
    if unknown:
        raise RunError(f"TF_CONFIG has the job {unknown[0]!r}, but only workers are used", fix=_FIX)
    chiefs, workers = jobs.get("chief", ()), jobs.get("worker", ())
    addresses = (*chiefs, *workers)
    if len(chiefs) > 1:
        raise RunError(f"TF_CONFIG names {len(chiefs)} chiefs, there is one at most", fix=_FIX)
    if len(addresses) < 2:
        raise RunError(
            f"TF_CONFIG names {len(addresses)} worker, there must be two or more",
            fix="name all machines, or set training.devices to mirrored for the GPUs of this one",
        )
    if len(set(addresses)) < len(addresses):
        raise RunError(f"TF_CONFIG names a worker twice: {', '.join(addresses)}", fix=_FIX)
    kind, index = task.get("type"), task.get("index")
    if kind not in jobs:
        raise RunError(f"TF_CONFIG's task has the type {kind!r}, not in its cluster", fix=_FIX)
    if not isinstance(index, int) or not 0 <= index < len(jobs[kind]):
        raise RunError(
            f"TF_CONFIG's task has the index {index!r}, but there are {len(jobs[kind])} of type "
            f"{kind!r}, counted from 0",
            fix=_FIX,
        )
    return Cluster(addresses, index + (len(chiefs) if kind == "worker" else 0))


def _entry(found: Any, name: str) -> dict[str, Any]:
    value = found.get(name) if isinstance(found, dict) else None
    if not isinstance(value, dict):
        raise RunError(f"TF_CONFIG has no {name!r}", fix=_FIX)
    return value


def _addresses(job: str, value: Any) -> tuple[str, ...]:
    for address in value if isinstance(value, list) else [value]:
        if not isinstance(address, str) or not re.fullmatch(r"\S+:\d{1,5}", address):
            raise RunError(f"TF_CONFIG's {job} {address!r} is not of the form host:port", fix=_FIX)
    if not isinstance(value, list):
        raise RunError(f"TF_CONFIG's {job} is not a list", fix=_FIX)
    return tuple(value)
