"""Options that several commands share, and what they open."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dssd_tf.pipeline import Workspace
    from dssd_tf.recipe import Recipe

# The baseline's dense layer alone would take 400 MB at this size.
_LARGEST_INPUT = 2**24


def subparser(subparsers: Any, name: str, help: str, epilog: str = "") -> argparse.ArgumentParser:
    """A command's parser; `epilog` holds examples."""
    return subparsers.add_parser(
        name,
        help=help,
        description=help[0].upper() + help[1:] + ".",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_recipe_options(parser: argparse.ArgumentParser, *, makes_network: bool = True) -> None:
    """`--data` and `--set`.

    Args:
        parser: Of the command.
        makes_network: Whether the command makes the recipe's network, so that faults of the recipe
            are told before TensorFlow is loaded; a model file may be of a network that is not
            known here.
    """
    if makes_network:
        parser.set_defaults(before_tensorflow=refuse_faulty_recipe)
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="dataset folder in the TAU layout (data.root)"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a setting of the recipe, e.g. --set training.epochs=5 (repeatable)",
    )


def read_recipe(path: Path, options: argparse.Namespace) -> "Recipe":
    """The recipe with `--data` and `--set` applied."""
    from dssd_tf.recipe import load_recipe

    return load_recipe(path, _overrides(options))


def refuse_faulty_recipe(options: argparse.Namespace) -> None:
    """Tell every fault of the recipe that shows without loading Keras.

    Raises:
        RecipeError: There is one or more.
    """
    from dssd_tf.recipe.faults import recipe_faults
    from dssd_tf.recipe.loading import one_error

    if faults := recipe_faults(options.recipe, _overrides(options)):
        raise one_error(faults)


def _overrides(options: argparse.Namespace) -> list[str]:
    overrides = list(options.set)
    if options.data is not None:
        overrides.append(f"data.root={json.dumps(str(options.data.resolve()))}")
    return overrides


def open_given(options: argparse.Namespace) -> "Workspace":
    """The data for a model file that is given without a run: needs `--recipe`.

    Raises:
        RecipeError: `--recipe` is missing.
    """
    from dssd_tf.errors import RecipeError
    from dssd_tf.pipeline import Workspace

    if options.recipe is None:
        raise RecipeError(
            f"{options.target} is a model file: how its features are made is not known",
            fix="give the recipe it was trained with by --recipe",
        )
    recipe = read_recipe(options.recipe, options)
    return Workspace(recipe, Path("feature_cache"))


def refuse_for_run(options: argparse.Namespace) -> None:
    """Refuse the options of a given model file where the target is a run.

    Raises:
        RecipeError: One of them is given; a run has its own recipe.
    """
    from dssd_tf.errors import RecipeError

    for name in ("recipe", "data", "set", "output"):
        if getattr(options, name):
            raise RecipeError(
                f"--{name} is for a model file, but the target is a run's folder",
                path=options.target,
                fix=f"leave --{name} out: a run goes by its own recipe",
            )


def is_model_file(path: Path) -> bool:
    """Whether `path` names a model rather than a run's folder."""
    return path.suffix in {".keras", ".tflite"}


def input_shape(text: str) -> tuple[int, int, int]:
    """Three sizes, separated by commas.

    Raises:
        argparse.ArgumentTypeError: It is something else.
    """
    try:
        time, frequency, channels = (int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not of the form time,frequency,channels, e.g. 431,256,1"
        ) from None
    if min(time, frequency, channels) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} has a size below 1")
    if time * frequency * channels > _LARGEST_INPUT:
        raise argparse.ArgumentTypeError(
            f"{text!r} has {time * frequency * channels:,} values, at most {_LARGEST_INPUT:,}"
        )
    return time, frequency, channels


def number_list(text: str) -> list[int]:
    """Numbers between commas, as an argument's type."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of numbers, e.g. 1,2,3") from None


def count(text: str) -> int:
    """A whole number above 0, as an argument's type."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def seconds(text: str) -> float:
    """A length of time above 0, as an argument's type."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number of seconds")
    return value
