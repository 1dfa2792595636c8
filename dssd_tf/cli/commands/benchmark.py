"""`dssd benchmark`: latency, memory and bytes of a .tflite model."""

import argparse
import json
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import count, subparser

_EPILOG = """\
examples:
  dssd benchmark demo/run
  dssd benchmark model_int8.tflite --threads 2 --runs 1000
  dssd benchmark presets/dsmn_s --json > benchmark.json

Times LiteRT at batch 1, with XNNPACK and with LiteRT's own kernels, taking turns; warm-up is not
counted. Of a run or a preset the int8 model is taken. Partitions are the pieces that XNNPACK runs
(one is best), peak activations the largest sum of tensors that are alive at a time. The arena is
TensorFlow Lite Micro's; it needs the extra `mcu`. The latency is that of this machine: it is no
estimate of a microcontroller's.
"""

_KERNELS = {"xnnpack": "latency, XNNPACK", "builtin": "latency, without XNNPACK"}


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers,
        "benchmark",
        "measure latency on this machine, XNNPACK partitions, memory and bytes of a .tflite model",
        _EPILOG,
    )
    parser.add_argument("target", type=Path, metavar="MODEL.tflite|RUN|PRESET")
    parser.add_argument(
        "--threads", type=count, default=1, metavar="N", help="(default: %(default)s)"
    )
    parser.add_argument(
        "--runs", type=count, default=200, metavar="N", help="timed (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Measure and print."""
    from dssd_tf.pipeline.benchmarking import benchmark, tflite_of

    path = tflite_of(options.target)
    result = benchmark(path, threads=options.threads, runs=options.runs)
    print(json.dumps(result, indent=2) if options.json else _text(result))
    return 0


def _text(result: dict[str, Any]) -> str:
    rows = [(title, _latency(result["latency_seconds"][k])) for k, title in _KERNELS.items()]
    rows += [
        ("XNNPACK partitions", _partitions(result["xnnpack"])),
        ("peak activations", _peak(result)),
        ("arena", _arena(result)),
        ("file", f"{result['file_bytes']:,} bytes, {result['parameters']:,} parameters"),
        ("multiply-adds", f"{result['macs']:,}"),
    ]
    return "\n".join(
        [
            result["model"],
            f"{result['processor']}, {result['cpu_count']} CPUs, {result['date']}, "
            f"{result['runtime']}, {result['threads']} thread(s)",
            *(f"  {title:<26}{value}" for title, value in rows),
            "Latency on this machine; a microcontroller's is another, and is not derived from it.",
        ]
    )


def _latency(seconds: dict[str, Any]) -> str:
    low, high, least = (
        f"{seconds[name] * 1e3:.3f}" for name in ("lower_quartile", "upper_quartile", "minimum")
    )
    text = f"{seconds['median'] * 1e3:.3f} ms, median of {seconds['runs']} runs"
    return f"{text} (quartiles {low} to {high}, minimum {least})"


def _partitions(xnnpack: dict[str, Any]) -> str:
    outside = ", ".join(f"{count} {kind}" for kind, count in xnnpack["outside"].items())
    return (
        f"{xnnpack['partitions']} ({xnnpack['operators']} operators, outside: {outside or 'none'})"
    )


def _peak(result: dict[str, Any]) -> str:
    if result["peak_activation_bytes"] is None:
        return "not known: a shape is open"
    # Shapes, since a file need not name its tensors.
    alive = ["×".join(map(str, tensor["shape"])) for tensor in result["peak_tensors"]]
    return f"{result['peak_activation_bytes']:,} bytes, of {', '.join(alive)}"


def _arena(result: dict[str, Any]) -> str:
    arena = result["arena"]
    if arena is None:
        return f"not measured: {result['arena_missing']}"
    return f"{arena['size']:,} bytes (tflite-micro {arena['version']})"
