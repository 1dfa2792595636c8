"""Which recording lies where: the clips of an entry's shards, and which files they still stand for.

A recording is found by name, size and modification time. Where only the time differs, the digest
of its bytes decides: a copied dataset stays cached, a changed file is never served stale. Digests
taken for that are remembered in `digests-*.json`, so that they are taken once.
"""

import contextlib
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dssd_tf.data.cache.clip_file import ClipFile, file_digests
from dssd_tf.data.cache.shard import read_clips
from dssd_tf.errors import DssdError
from dssd_tf.files import read_json, write_json
from dssd_tf.progress import bar

_FILE = ["name", "size", "mtime_ns"]
_TYPES: dict[str, Any] = {"name": object, "size": "int64", "mtime_ns": "int64", "digest": object}
_COLUMNS = ("names", "sizes", "mtimes_ns", "digests")
_DIGESTS_A_FILE = 8192


class CacheIndex:
    """The clips of one entry, shard by shard.

    Args:
        entry: The entry's folder.

    Raises:
        DataError: A shard's `clips.json` is damaged.
    """

    def __init__(self, entry: Path):
        self.entry = entry
        self.shards: list[str] = []
        self._clips = _table().assign(shard=0, row=0)
        self.refresh()

    def __len__(self) -> int:
        return len(self._clips)

    def refresh(self) -> None:
        """Read the shards that were added since.

        Raises:
            DataError: See the class.
        """
        known = set(self.shards)
        columns: dict[str, list[Any]] = {key: [] for key in (*_COLUMNS, "shard", "row")}
        for name in shard_names(self.entry):
            if name not in known:
                clips = read_clips(self.entry / name)
                count = len(clips["names"])
                for key in _COLUMNS:
                    columns[key] += clips[key]
                columns["shard"] += [len(self.shards)] * count
                columns["row"] += range(count)
                self.shards.append(name)
        if columns["row"]:
            added = _table(*(columns[key] for key in _COLUMNS))
            added = added.assign(shard=columns["shard"], row=columns["row"])
            both = [self._clips, added] if len(self._clips) else [added]
            self._clips = pd.concat(both, ignore_index=True)

    def locate(
        self, root: Path, files: Sequence[ClipFile], threads: int = 1
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Shard and row of each recording, (clips,) each; -1 where it must be computed.

        Raises:
            DataError: A recording whose digest has to decide cannot be read.
            DssdError: The digests cannot be written.
        """
        wanted = _table(*zip(*files, strict=True)).drop(columns="digest")
        found = self._merge(wanted, self._clips, _FILE)
        open_ = found["shard"].isna()
        if open_.any() and len(self._clips):
            rest = wanted[open_]
            digests = self._digests(root, rest, threads)
            located = self._merge(digests, self._clips, ["name", "digest"])
            found.loc[open_, ["shard", "row"]] = located[["shard", "row"]].to_numpy()
        shard, row = (found[c].fillna(-1).to_numpy(dtype=np.int64) for c in ("shard", "row"))
        return shard, row

    def _digests(self, root: Path, files: pd.DataFrame, threads: int) -> pd.DataFrame:
        """`files` with their digests, None for those that no stored clip can stand for."""
        remembered = self._merge(files, self._remembered(), _FILE)
        known = remembered["digest"].to_numpy(dtype=object, copy=True)
        alike = self._merge(files, self._clips, ["name", "size"])["shard"].notna().to_numpy()
        unknown = np.flatnonzero(pd.isna(known) & alike)
        if len(unknown):
            names = files["name"].to_numpy()
            with bar("comparing recordings with the cache", len(unknown)) as advance:
                for start in range(0, len(unknown), _DIGESTS_A_FILE):
                    rows = unknown[start : start + _DIGESTS_A_FILE]
                    for row, digest in zip(
                        rows, file_digests(root, list(names[rows]), threads), strict=True
                    ):
                        known[row] = digest
                        advance()
                    self._remember(files.iloc[rows], [str(known[row]) for row in rows])
        digests = files.reset_index(drop=True).assign(digest=known)
        # A missing value must not match: pandas merges None with None.
        digests["digest"] = digests["digest"].where(digests["digest"].notna(), "")
        return digests

    def _remember(self, files: pd.DataFrame, digests: Sequence[str]) -> None:
        columns = {name: files[name].tolist() for name in _FILE} | {"digest": list(digests)}
        text = json.dumps(columns, sort_keys=True)
        name = f"digests-{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}.json"
        write_json(self.entry / name, columns)

    def _remembered(self) -> pd.DataFrame:
        tables = []
        for path in sorted(self.entry.glob("digests-*.json")):
            # It only saves time: where it is damaged, the digests are taken again.
            with contextlib.suppress(DssdError, ValueError, TypeError, KeyError):
                columns = read_json(path)
                tables.append(_table(*(columns[k] for k in (*_FILE, "digest"))))
        return pd.concat(tables, ignore_index=True) if tables else _table()

    @staticmethod
    def _merge(files: pd.DataFrame, table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
        """`files` with the columns of `table`, in their order; of several matches the last."""
        last = table.drop_duplicates(keys, keep="last")
        rest = [c for c in files.columns if c not in keys]
        return files.drop(columns=rest).merge(last, on=keys, how="left")


def _table(
    names: Sequence[str] = (),
    sizes: Sequence[int] = (),
    mtimes_ns: Sequence[int] = (),
    digests: Sequence[str] | None = None,
) -> pd.DataFrame:
    columns = (names, sizes, mtimes_ns, [""] * len(names) if digests is None else digests)
    return pd.DataFrame(dict(zip(_TYPES, columns, strict=True))).astype(_TYPES)


def shard_names(entry: Path) -> list[str]:
    """Names of the entry's shards, sorted."""
    return sorted(p.name for p in entry.glob("shard-*") if p.is_dir())
