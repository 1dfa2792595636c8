"""A run's folder with invented numbers that fit together, and a reader for the page."""

import json
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from dssd_tf.evaluation.calibration import calibration
from dssd_tf.report import write_report

CLASSES = ["airport", "bus", "metro", "metro_station", "park"]
DEVICES = ["a", "b", "c", "s1", "s2", "s3", "s4", "s10"]
VOID = {"meta", "link", "br", "img", "input", "hr", "wbr"}


class Node:
    """An element of the page."""

    def __init__(self, tag: str, attributes: dict[str, str | None], parent: "Node | None"):
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Node | str] = []

    def all(self, tag: str | None = None, **attributes: str) -> "list[Node]":
        found: list[Node] = []
        for child in self.children:
            if isinstance(child, Node):
                fits = tag in (None, child.tag)
                wanted = {k.rstrip("_"): v for k, v in attributes.items()}
                if fits and all(child.attributes.get(k) == v for k, v in wanted.items()):
                    found.append(child)
                found += child.all(tag, **attributes)
        return found

    def one(self, tag: str | None = None, **attributes: str) -> "Node":
        (node,) = self.all(tag, **attributes)
        return node

    @property
    def text(self) -> str:
        parts = (c if isinstance(c, str) else c.text for c in self.children)
        return "".join(parts)


class PageParser(HTMLParser):
    """Builds the tree, and refuses tags that do not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.root = self.here = Node("root", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, dict(attrs), self.here)
        self.here.children.append(node)
        if tag not in VOID:
            self.here = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Node(tag, dict(attrs), self.here))

    def handle_endtag(self, tag: str) -> None:
        assert self.here.tag == tag, f"</{tag}> closes <{self.here.tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


def parse_page(html: str) -> Node:
    parser = PageParser()
    parser.feed(html)
    parser.close()
    assert parser.here is parser.root, f"<{parser.here.tag}> is not closed"
    return parser.root


@pytest.fixture
def read_page() -> Callable[[Path], Node]:
    """Read a page that was written."""
    return lambda path: parse_page(path.read_text(encoding="utf-8"))


@pytest.fixture
def render() -> Callable[[Path], Node]:
    """Write a run's page and read it back."""
    return lambda folder: parse_page(write_report(folder).read_text(encoding="utf-8"))


@pytest.fixture
def render_tables() -> Callable[[Path], Node]:
    """As `render`, without the learning curves, whose drawing takes most of the time."""

    def render_without_history(folder: Path) -> Node:
        (folder / "history.csv").unlink(missing_ok=True)
        return parse_page(write_report(folder).read_text(encoding="utf-8"))

    return render_without_history


def scores(rows: pd.DataFrame) -> dict[str, Any]:
    hit = rows["scene_label"] == rows["predicted"]
    return {"samples": len(rows), "accuracy": hit.mean(), "log_loss": float(rows["loss"].mean())}


def system_metrics(rows: pd.DataFrame) -> dict[str, Any]:
    class_wise = {c: scores(rows[rows["scene_label"] == c]) for c in CLASSES}
    table = pd.crosstab(rows["scene_label"], rows["predicted"])
    table = table.reindex(index=CLASSES, columns=CLASSES, fill_value=0)
    return {
        "samples": len(rows),
        "macro_accuracy": float(np.mean([c["accuracy"] for c in class_wise.values()])),
        "log_loss": float(rows["loss"].mean()),
        "class_wise": class_wise,
        "device_wise": {d: scores(rows[rows["device"] == d]) for d in DEVICES},
        "confusion_matrix": table.to_numpy().tolist(),
        "calibration": calibration(
            np.array([CLASSES.index(label) for label in rows["scene_label"]]),
            rows[CLASSES].to_numpy(float),
        ),
        "intervals": {
            "macro_accuracy": [0.4, 0.7],
            "log_loss": [0.8, 1.2],
            "level": 0.95,
            "resamples": 1000,
            "clusters": 40,
        },
    }


def cost(rng: np.random.Generator, kind: str) -> dict[str, Any]:
    rule = "macs_torchinfo" if kind == "keras" else "macs_nessi_tflite"
    other = "macs_nessi_tflite" if kind == "keras" else "macs_torchinfo"
    layers = []
    for i in range(6):
        macs = int(rng.integers(10_000, 3_000_000))
        layers.append(
            {
                "name": f"block_{i}_conv",
                "type": "Conv2D",
                "output_shape": [1, 44 // (i + 1), 64, 16],
                "parameters": int(rng.integers(100, 9000)),
                "macs": macs,
                rule: macs + 17,
            }
        )
    parameters = sum(layer["parameters"] for layer in layers)
    return {
        "source": "model",
        "kind": kind,
        "parameters": parameters,
        "parameters_nonzero": parameters - 3,
        "size_bytes": parameters * (4 if kind == "keras" else 1),
        "macs": sum(layer["macs"] for layer in layers),
        rule: sum(layer[rule] for layer in layers),
        other: None,
        "peak_activation_bytes": 180_224,
        "file_bytes": parameters * 4 + 50_000,
        "layers": layers,
        "uncounted": [],
    }


def parity(frames: list[pd.DataFrame]) -> dict[str, Any]:
    old, new = (frame["predicted"].to_numpy() for frame in frames)
    truth = frames[0]["scene_label"].to_numpy()
    kinds = {
        "clips": truth == truth,
        "changed": old != new,
        "right_to_wrong": (old == truth) & (new != truth),
        "wrong_to_right": (old != truth) & (new == truth),
    }
    flips = {
        label: {name: int((kind & (truth == label)).sum()) for name, kind in kinds.items()}
        for label in CLASSES
    }
    systems = {
        frame["system"].iloc[0]: {
            "macro_accuracy": float((frame["predicted"] == frame["scene_label"]).mean()),
            "log_loss": float(frame["loss"].mean()),
        }
        for frame in frames
    }
    pair = {"reference": "float", "other": "int8", "argmax": float((old == new).mean())}
    pair |= {"mean_abs_logit": 0.041, "max_abs_logit": 0.37, "flips": flips}
    tensors = [
        {
            "layer": f"block_{i}_conv",
            "type": "Conv2D",
            "operator": "CONV_2D",
            "shape": [44 // (i + 1), 64, 16],
            "sqnr_db": 41.5 - 3.25 * i,
            "signal": 1.0,
            "noise": 10 ** -(4.15 - 0.325 * i),
            "saturated": 0.001 * i,
            "clipped": 0.0005 * i,
            "scale": 0.02,
            "zero_point": -128,
        }
        for i in range(6)
    ]
    inner = dict.fromkeys(("layer", "type", "sqnr_db", "signal", "noise", "clipped"))
    tensors.insert(3, tensors[3] | inner)
    tensors.append(tensors[0] | {"layer": "logits", "shape": [5], "sqnr_db": None, "noise": 0.0})
    return {
        "clips": len(truth),
        "systems": systems,
        "pairs": [pair],
        "layers": {"clips": 64, "tensors": tensors},
    }


def mistake(number: int, *, audio: bool) -> dict[str, Any]:
    return {
        "filename": f"audio/bus-lisbon-{number}-{number}-a.wav",
        "device": "a",
        "label": "bus",
        "predicted": "park",
        "probability": 0.9,
        "label_probability": 0.05,
        "picture": f"{number}.png",
        "audio": f"{number}.flac" if audio else None,
    }


def explained(number: int, *, start: float) -> dict[str, Any]:
    return {
        "filename": "park.wav",
        "start": start,
        "label": "park",
        "system": "int8",
        "probability": 0.75,
        "low_half": 1.25,
        "high_half": -0.5,
        "made": "2026-01-03T00:00:00+00:00",
        "picture": f"park_{number}.png",
        "audio": f"park_{number}.flac",
    }


def write_run(folder: Path, *, int8: bool = True) -> Path:
    rng = np.random.default_rng(7)
    folder.mkdir(parents=True)
    frames = []
    truth = [(c, d) for c in CLASSES for d in DEVICES for _ in range(6)]
    for system in ["float", "int8"] if int8 else ["float"]:
        rows = []
        for i, (label, device) in enumerate(truth):
            logits = rng.normal(size=len(CLASSES))
            logits[CLASSES.index(label)] += 1.3
            p = np.exp(logits) / np.exp(logits).sum()
            row = {
                "filename": f"audio/{label}-lisbon-{i}-{i}-{device}.wav",
                "recording": f"{label}-lisbon-{i}",
                "device": device,
                "scene_label": label,
                "system": system,
                "predicted": CLASSES[int(p.argmax())],
                "loss": -np.log(p[CLASSES.index(label)]),
            }
            rows.append(row | dict(zip(CLASSES, p, strict=True)))
        frames.append(pd.DataFrame(rows))
    metrics: dict[str, Any] = {
        "classes": CLASSES,
        "systems": {frame["system"].iloc[0]: system_metrics(frame) for frame in frames},
    }
    if int8:
        equal = (frames[0]["predicted"] == frames[1]["predicted"]).mean()
        metrics["agreement"] = {"argmax": equal, "mean_abs_logit": 0.041, "max_abs_logit": 0.37}
    table = pd.concat(frames).drop(columns="loss")
    table.to_csv(folder / "predictions.csv", index=False)
    epochs = np.arange(1, 13)
    history = pd.DataFrame(
        {
            "epoch": epochs,
            "learning_rate": 1e-3 * 0.8**epochs,
            "loss": 1.6 * 0.9**epochs + 0.02 * rng.normal(size=12),
            "accuracy": np.linspace(0.3, 0.7, 12),
            "val_loss": 1.5 * 0.93**epochs + 0.05 * rng.normal(size=12),
            "val_accuracy": np.linspace(0.32, 0.55, 12),
            "seconds": rng.uniform(3, 4, size=12),
        }
    )
    history.to_csv(folder / "history.csv", index=False)
    models = {"float": cost(rng, "keras")} | ({"int8": cost(rng, "tflite")} if int8 else {})
    deployed = models["int8" if int8 else "float"]
    checks = [
        ("size", deployed["size_bytes"], 128_000, "B", "parameter bytes"),
        ("MACs", models["float"]["macs_torchinfo"], 30_000_000, "MACs", "torchinfo"),
    ]
    names = ("name", "measured", "limit", "unit", "counter")
    written = [dict(zip(names, c, strict=True), passed=c[1] <= c[2]) for c in checks]
    complexity = models | {
        "edition": 2024,
        "checks": written,
        "passed": all(check["passed"] for check in written),
    }
    environment = {
        "python": "3.11.7",
        "platform": "Linux",
        "processor": "x86_64",
        "cpu_count": 2,
        "packages": {"keras": "3.15.1", "tensorflow": "2.21.0"},
        "git": {"commit": "0" * 40, "dirty": True},
        "started": "2026-01-02T03:04:05+00:00",
    }
    stages = {"train": {"seconds": 41.5, "finished": "2026-01-02T03:05:00+00:00"}}
    recipe = {"name": "dssdn_small", "data": {"synthetic": False}, "training": {"epochs": 12}}
    files = {
        "metrics": metrics,
        "complexity": complexity,
        "environment": environment,
        "stages": stages,
    }
    if int8:
        files["parity"] = parity(frames)
    for name, value in files.items():
        (folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    (folder / "mistakes").mkdir()
    clips = [mistake(number, audio=number == 1) for number in (1, 2)]
    mistakes = {"system": "int8" if int8 else "float", "clips": clips}
    (folder / "mistakes" / "mistakes.json").write_text(json.dumps(mistakes), encoding="utf-8")
    for number in (1, 2):
        (folder / "mistakes" / f"{number}.png").write_bytes(b"picture %d" % number)
    (folder / "mistakes" / "1.flac").write_bytes(b"sound")
    (folder / "explanations").mkdir()
    table = {"clips": [explained(1, start=0.0), explained(2, start=1.5)]}
    (folder / "explanations" / "explanations.json").write_text(json.dumps(table), encoding="utf-8")
    for number in (1, 2):
        (folder / "explanations" / f"park_{number}.png").write_bytes(b"explanation %d" % number)
        (folder / "explanations" / f"park_{number}.flac").write_bytes(b"sound %d" % number)
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with both systems; not to be changed."""
    return write_run(tmp_path_factory.mktemp("finished") / "run")


@pytest.fixture(scope="session")
def page(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Node:
    """The finished run's page."""
    target = tmp_path_factory.mktemp("page") / "page.html"
    return parse_page(write_report(finished, target=target).read_text(encoding="utf-8"))


@pytest.fixture
def run_dir(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished run that a test may change."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


@pytest.fixture
def float_run_dir(tmp_path: Path) -> Path:
    """A run whose recipe does not quantize."""
    return write_run(tmp_path / "float_run", int8=False)


@pytest.fixture
def edit() -> Callable[[Path, Callable[[Any], None]], None]:
    """Change a JSON file by a function of its value."""

    def edit_json(path: Path, change: Callable[[Any], None]) -> None:
        value = json.loads(path.read_text(encoding="utf-8"))
        change(value)
        path.write_text(json.dumps(value), encoding="utf-8")

    return edit_json
