"""`dssd predict`: scenes of recordings, or of a stream as it comes."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from dssd_tf.cli.options import add_recipe_options, is_model_file, read_recipe, seconds, subparser

if TYPE_CHECKING:
    import numpy as np

    from dssd_tf.presets import Classifier

_EPILOG = """\
examples:
  dssd predict demo/run recording.wav other.wav
  dssd predict demo/run --float recording.wav
  dssd predict presets/dsmn_s recording.wav --json
  dssd predict model_int8.tflite --recipe RECIPE --set "data.classes=[bus, park, tram]" a.wav
  dssd predict demo/run --stream --smooth 5 --hop 0.5 hour.wav
  arecord -q -t raw -f S16_LE -r 44100 | dssd predict demo/run --stream - --rate 44100

Prints a TAB-separated line a file: name, most probable class, its probability. RUN is the
folder of a run, PRESET one with a preset.json (`dssd models save-preset`), MODEL a model file. Of a
folder the int8 model is used where there is one. A model file goes by the features and classes of
the run or preset it lies in, or by --recipe. Files may be longer than a clip: each whole clip is
classified and the probabilities are averaged.

With --stream, prints a line a clip of the one FILE as soon as it has come: seconds from the
start to its end, class, probability. `-` is standard input; a pipe carries a WAV, or raw 16-bit
samples with --rate. The last part of a stream, if shorter than a clip, is told and left out.

--smooth N: the softmax of the mean of the log-probabilities of all clips that lie wholly within
the last N seconds. N of a clip's length is no smoothing.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "predict", "classify recordings with the model of a run or a preset", _EPILOG
    )
    parser.add_argument(
        "target",
        type=Path,
        metavar="RUN|PRESET|MODEL",
        help="folder of a run or of a preset, or a .keras or .tflite file",
    )
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE.wav", help="recordings")
    parser.add_argument("--float", action="store_true", help="use the folder's float model")
    parser.add_argument(
        "--json", action="store_true", help="a JSON object a line, with all classes"
    )
    parser.add_argument("--recipe", type=Path, help="recipe of a model file")
    add_recipe_options(parser, makes_network=False)
    stream = parser.add_argument_group("a stream")
    stream.add_argument(
        "--stream", action="store_true", help="classify the one FILE, or -, as it comes"
    )
    stream.add_argument(
        "--rate", type=_rate, metavar="HZ", help="it is raw: signed 16-bit little-endian mono"
    )
    stream.add_argument("--smooth", type=seconds, metavar="SECONDS", help="smooth over so long")
    stream.add_argument(
        "--hop", type=seconds, metavar="SECONDS", help="from clip to clip (default: a clip)"
    )
    # A .tflite file needs no TensorFlow; a Keras model loads it when it is opened.
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Classify each file, or the stream."""
    _check(options)
    from dssd_tf.pipeline.predicting import target_classifier

    recipe = read_recipe(options.recipe, options) if options.recipe else None
    classifier = target_classifier(options.target, use_float=options.float, recipe=recipe)
    if options.stream:
        return _predict_stream(options, classifier)
    for path in options.files:
        probabilities = classifier.classify_file(path)
        _tell({"file": str(path)}, str(path), classifier, probabilities, options.json)
    return 0


def _predict_stream(options: argparse.Namespace, classifier: "Classifier") -> int:
    from dssd_tf.data.audio_stream import stream_audio
    from dssd_tf.errors import DataError
    from dssd_tf.presets import StreamClassifier
    from dssd_tf.progress import say

    piped = options.files == [Path("-")]
    source = _standard_input() if piped else options.files[0]
    name = "standard input" if piped else str(source)
    run = StreamClassifier(classifier, hop_seconds=options.hop, smooth_seconds=options.smooth)
    try:
        for clip in run(stream_audio(source, classifier.sampling_rate, pcm_rate=options.rate)):
            times = {"start": clip.start, "end": clip.end}
            _tell(times, f"{clip.end:.3f}", classifier, clip.probabilities, options.json)
    except DataError as error:
        raise error if error.path else DataError(error.problem, path=name, fix=error.fix) from error
    if run.seconds_left:
        say(f"{name}: the last {run.seconds_left:.3f} s are shorter than a clip and left out")
    return 0


def _tell(
    what: dict[str, Any],
    first: str,
    classifier: "Classifier",
    probabilities: "np.ndarray",
    as_json: bool,
) -> None:
    """Print a line at once: a pipe must not hold it back."""
    best = int(probabilities.argmax())
    label, probability = classifier.classes[best], float(probabilities[best])
    if as_json:
        every = dict(zip(classifier.classes, map(float, probabilities), strict=True))
        line = what | {"class": label, "probability": probability, "probabilities": every}
        print(json.dumps(line, ensure_ascii=False), flush=True)
    else:
        print(f"{first}\t{label}\t{probability:.4f}", flush=True)


def _check(options: argparse.Namespace) -> None:
    """Refuse options that would be left out of account.

    Raises:
        DataError: There are several streams, or options of a stream, or standard input,
            without --stream.
        RecipeError: A recipe is given for a folder, or its settings without one.
    """
    from dssd_tf.errors import DataError, RecipeError

    if options.stream and len(options.files) > 1:
        raise DataError(
            f"{len(options.files)} files are given, but one is a stream",
            fix="run the command once for each",
        )
    if Path("-") in options.files and not options.stream:
        raise DataError("standard input is read as a stream", fix="give --stream -")
    for name in ("rate", "smooth", "hop"):
        if getattr(options, name) is not None and not options.stream:
            fix = f"give --stream, or leave --{name} out"
            raise DataError(f"--{name} is for a stream", fix=fix)
    a_file = is_model_file(options.target)
    if options.float and a_file:
        raise RecipeError(
            "--float is for a folder, but the target is a model file",
            path=options.target,
            fix="leave --float out: the file is used as it is",
        )
    for name in ("recipe", "data", "set"):
        if getattr(options, name) and (not a_file or options.recipe is None):
            missing = "needs --recipe" if a_file else "is for a model file, not for a folder"
            raise RecipeError(f"--{name} {missing}", path=options.target)


def _standard_input() -> BinaryIO:
    from dssd_tf.errors import DataError

    if sys.stdin is None or sys.stdin.isatty():
        raise DataError(
            "standard input is a terminal or closed",
            fix="pipe audio into the command, or give --stream FILE",
        )
    return sys.stdin.buffer


def _rate(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a sampling rate in Hz")
    return int(text)
