"""`dssd data devices`: a variant of a set that simulated devices recorded."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import subparser

_EPILOG = """\
examples:
  dssd data devices data/esc10 data/esc10-devices
  dssd data devices data/esc10 data/esc10-devices-1 --seed 1 --workers 4
  dssd data devices DIR OUT --share-a 1          device a alone in training
  dssd data devices DIR OUT --test-devices a,s4,s5,s6

For measuring how a model stands another recording device, with data that one device recorded.
Device a is the source as it is. s1 to s6 are simulated: a smooth frequency response, band
limits, a gain, a compressor and noise, drawn from the seed and written to OUT/devices.json.
  training lists  every clip once; a has --share-a of them, s1, s2 and s3 the rest
  test lists      every clip once for each test device, so that devices are compared on the same
                  sounds; s4, s5 and s6 are in no training list

Folds, splits, scenes and identifiers stay those of DIR. OUT is in the TAU layout: check it with
`dssd data verify OUT`, train on it with `--data OUT`. Results on simulated devices are no results
on real ones, and OUT may be passed on only where DIR may.
"""


def add_parser(subparsers: Any) -> None:
    """Add the action."""
    parser = subparser(
        subparsers,
        "devices",
        "make a variant of a set whose clips are recorded by simulated devices, some in test only",
        _EPILOG,
    )
    parser.add_argument(
        "source", type=Path, metavar="DIR", help="development set in the TAU layout, of one device"
    )
    parser.add_argument("folder", type=Path, metavar="OUT", help="new or empty folder")
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="draws the devices, who records which training clip, and the noise (default: 0)",
    )
    parser.add_argument(
        "--share-a",
        type=float,
        default=0.7,
        metavar="X",
        help="share of device a in the training clips, 0 to 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--test-devices",
        default="a,s1,s2,s3,s4,s5,s6",
        metavar="A,B,…",
        help="devices that record every test clip (default: %(default)s)",
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="processes (default: all cores, 1 for few clips)"
    )
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Render the variant."""
    from dssd_tf.data.device_shift import shift_devices
    from dssd_tf.progress import say, stage

    with stage("simulated devices") as remarks:
        shifted = shift_devices(
            options.source,
            options.folder,
            seed=options.seed,
            share_a=options.share_a,
            test_devices=[name.strip() for name in options.test_devices.split(",")],
            workers=options.workers,
        )
        counts = ", ".join(f"{name} {count:,}" for name, count in shifted.devices.items())
        remarks.append(f"{shifted.clips:,} clips → {shifted.files:,} ({counts})")
        if shifted.unlisted:
            remarks.append(f"{shifted.unlisted:,} clips are in no list and were left out")
    say(f"check it: dssd data verify {options.folder}")
    return 0
