"""`dssd data prepare`: fill the cache of features or waveforms ahead of a run."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dssd_tf.cli.options import add_recipe_options, read_recipe, subparser

if TYPE_CHECKING:
    from dssd_tf.data.cache import Filled
    from dssd_tf.recipe import Recipe

_EPILOG = """\
examples:
  dssd data prepare RECIPE --data DIR
  dssd data prepare RECIPE --data DIR --cache /fast/cache --workers 8
  dssd data prepare RECIPE --data DIR --shard 2/4        the second of four machines
  dssd data prepare RECIPE --data DIR --scheduler tcp://host:8786
  dssd data prepare --root DIR --set data.clip_seconds=10    every recording, no tables

Prepared are the clips of the recipe's fold and of its evaluation set; without a recipe, every
.wav and .flac file of --root with the settings' defaults. It may be stopped at any time, and
several may work at one cache at once: what is done is not done again.
"""

_AUDIO = {".wav", ".flac"}


def add_parser(subparsers: Any) -> None:
    """Add the action."""
    parser = subparser(
        subparsers, "prepare", "compute the features or waveforms that runs will read", _EPILOG
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("recipe", type=Path, nargs="?", metavar="RECIPE", help="recipe (YAML)")
    what.add_argument("--root", type=Path, metavar="DIR", help="every recording of a folder")
    add_recipe_options(parser)
    parser.add_argument(
        "--cache",
        type=Path,
        metavar="DIR",
        help="the cache (default: data.cache, else runs/feature_cache, where `dssd run` looks)",
    )
    parser.add_argument("--kind", choices=["features", "waveforms"], default="features")
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="processes (default: data.workers, or all cores)",
    )
    parser.add_argument(
        "--shard", metavar="i/n", help="do only every n-th chunk, beginning with the i-th"
    )
    parser.add_argument("--scheduler", metavar="URL", help="let a Dask cluster do the work")
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Fill the cache and say how fast it went."""
    from dssd_tf.data.cache import Means, feature_settings, fill_cache, waveform_settings
    from dssd_tf.data.cache.plan import Part
    from dssd_tf.errors import DssdError

    if options.workers is not None and options.workers < 1:
        raise DssdError(f"--workers {options.workers} is not a number of processes")
    recipe, sets = _chosen(options)
    cache = options.cache or recipe.data.cache or Path("runs") / "feature_cache"
    if options.kind == "features":
        settings = feature_settings(recipe.data, recipe.features)
    else:
        settings = waveform_settings(recipe.data, recipe.features.sampling_rate)
    means = Means(
        workers=options.workers or recipe.data.workers,
        part=Part.parse(options.shard) if options.shard else None,
        scheduler=options.scheduler,
    )
    for title, root, names in sets:
        filled = fill_cache(
            root, names, settings, cache, means, description=f"{options.kind} of {title}"
        )
        _tell(title, filled)
    return 0


def _chosen(options: argparse.Namespace) -> tuple["Recipe", list[tuple[str, Path, list[str]]]]:
    """The recipe, and (title, folder, clips) of each set to prepare."""
    if options.root is not None:
        return _whole_folder(options)
    from dssd_tf.pipeline import Workspace

    recipe = read_recipe(options.recipe, options)
    workspace = Workspace(recipe, Path())
    sets = [("the fold", workspace.root, workspace.dataset.filenames)]
    clips, folder = workspace.evaluation_clips, workspace.evaluation_root
    if clips is not None and folder is not None:
        sets.append(("the evaluation set", folder, list(clips["filename"])))
    return recipe, sets


def _whole_folder(
    options: argparse.Namespace,
) -> tuple["Recipe", list[tuple[str, Path, list[str]]]]:
    from pydantic import ValidationError

    from dssd_tf.config_errors import describe_errors
    from dssd_tf.errors import DataError, RecipeError
    from dssd_tf.recipe import Recipe
    from dssd_tf.recipe.loading import parse_overrides

    if options.data is not None:
        raise RecipeError("--data is for a recipe", fix="give the folder by --root alone")
    try:
        recipe = Recipe.model_validate({"name": "prepare", **parse_overrides(options.set)})
    except ValidationError as error:
        raise RecipeError(describe_errors(error, Recipe)) from error
    found = (p for p in options.root.rglob("*") if p.suffix.lower() in _AUDIO and p.is_file())
    names = sorted(p.relative_to(options.root).as_posix() for p in found)
    if not names:
        problem = "holds no .wav or .flac file" if options.root.is_dir() else "no such folder"
        raise DataError(problem, path=options.root, fix="give a folder of recordings by --root")
    return recipe, [("the folder", options.root, names)]


def _tell(title: str, filled: "Filled") -> None:
    from dssd_tf.progress import say

    rate = filled.computed / filled.seconds if filled.seconds > 0 else 0.0
    parts = [f"{filled.wanted:,} clips"]
    if filled.computed:
        parts.append(
            f"{filled.computed:,} computed in {filled.seconds:.1f} s ({rate:,.1f} clips/s, "
            f"{filled.bytes:,} bytes)"
        )
    else:
        parts.append("none had to be computed")
    if filled.missing:
        parts.append(f"{filled.missing:,} left to other shards")
    say(f"{title}: {', '.join(parts)}; {filled.entry}")
