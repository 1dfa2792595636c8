"""`dssd teach`: teachers' logits into a bank."""

import argparse
from pathlib import Path
from typing import Any

from dssd_tf.cli.commands.bank.teacher_options import add_origin, add_overwrite
from dssd_tf.cli.options import add_recipe_options, subparser

_EPILOG = """\
examples:
  dssd teach runs/big runs/bigger --out bank
  dssd teach runs/big --recipe STUDENT --data DIR --out bank
  dssd teach presets/dsmn_s --data DIR --fold 1 --out bank
  dssd teach model.keras --recipe RECIPE --out bank --name big

Each teacher is run over the clean training clips of its own fold, or of the given recipe's; a
model file needs the recipe it was trained with. The float model is used. The bank notes which
recordings a teacher was trained on, so that no student is tested on them; of a preset that is
known by --fold or --split only. A command that was interrupted goes on when it is given again.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "teach", "store teachers' logits on clips in a bank, for distillation", _EPILOG
    )
    parser.add_argument("targets", type=Path, nargs="+", metavar="RUN|PRESET|MODEL")
    parser.add_argument("--out", type=Path, required=True, metavar="BANK", help="its folder")
    parser.add_argument("--recipe", type=Path, help="recipe whose clips are used")
    add_recipe_options(parser, makes_network=False)
    parser.add_argument(
        "--clips",
        choices=("train", "all"),
        default="train",
        help="the fold's training list, or its test list besides (default: %(default)s)",
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        help="of the teacher in the bank, one a target (default: of its folder or file)",
    )
    system = parser.add_mutually_exclusive_group()
    system.add_argument(
        "--float", action="store_true", help="use the float model, as without this option"
    )
    system.add_argument("--int8", action="store_true", help="use the int8 model")
    add_origin(parser, "a preset")
    parser.add_argument(
        "--dtype",
        choices=("float32", "float16"),
        default="float32",
        help="of the stored logits (default: %(default)s)",
    )
    add_overwrite(parser)
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Run each teacher."""
    from dssd_tf.cli.options import read_recipe
    from dssd_tf.errors import RecipeError
    from dssd_tf.pipeline.teacher_source import open_teacher
    from dssd_tf.pipeline.teaching import teach
    from dssd_tf.progress import stage

    names = teacher_names(options.targets, options.name)
    if options.set and options.recipe is None:
        raise RecipeError("--set is for a recipe", fix="give one by --recipe, or leave --set out")
    recipe = None if options.recipe is None else read_recipe(options.recipe, options)
    # All are opened first: a mistake in the last must not show after hours.
    teachers = [
        open_teacher(
            target,
            recipe=recipe,
            data=options.data,
            fold=options.fold,
            split=options.split,
            int8=options.int8,
        )
        for target in options.targets
    ]
    for name, teacher in zip(names, teachers, strict=True):
        with stage(f"teach {name}") as remarks:
            record = teach(
                teacher,
                options.out,
                name,
                clips=options.clips,
                dtype=options.dtype,
                overwrite=options.overwrite,
            )
            remarks.append(f"{record.clips:,} clips, {record.source}")
    return 0


def teacher_names(targets: list[Path], given: list[str]) -> list[str]:
    """A name a target.

    Raises:
        DssdError: Not as many are given as there are targets, or two are the same.
    """
    from dssd_tf.errors import DssdError

    if given and len(given) != len(targets):
        raise DssdError(
            f"{len(given)} names are given for {len(targets)} teachers",
            fix="repeat --name, once a teacher and in their order",
        )
    names = given or [
        path.resolve().stem if path.suffix in {".keras", ".tflite"} else path.resolve().name
        for path in targets
    ]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise DssdError(
            f"two teachers would be named {twice[0]!r}",
            fix="repeat --name, once a teacher and in their order",
        )
    return names
