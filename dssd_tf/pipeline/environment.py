"""What a run ran on."""

import datetime
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from dssd_tf.machine import processor
from dssd_tf.version import __version__

_PACKAGES = (
    "tensorflow",
    "keras",
    "ai-edge-litert",
    "librosa",
    "numpy",
    "scipy",
    "pandas",
    "soundfile",
)


def describe_environment() -> dict[str, Any]:
    """Versions, machine and the state of this package's checkout, as `environment.json` has it."""
    packages = {"dssd_tf": __version__}
    packages |= {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": processor(),
        "cpu_count": os.cpu_count(),
        "packages": packages,
        "git": _git_state(),
        "started": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def _git_state() -> dict[str, Any] | None:
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None
    try:
        commit, status = (
            subprocess.run(
                ["git", "-C", str(root), *arguments],
                capture_output=True,
                text=True,
                timeout=10,
                check=True,
            ).stdout.strip()
            for arguments in (("rev-parse", "HEAD"), ("status", "--porcelain"))
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {"commit": commit, "dirty": bool(status)}
