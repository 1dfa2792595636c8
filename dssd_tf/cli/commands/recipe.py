"""`dssd recipe`: check a recipe, print the schema."""

import argparse
import json
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import add_recipe_options, read_recipe, subparser

_EPILOG = """\
examples:
  dssd recipe check recipes/demo/demo.yaml
  dssd recipe check RECIPE --set training.epochs=5 --print
  dssd recipe schema > recipe.schema.json        for completion in an editor
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(subparsers, "recipe", "check a recipe or print the recipe schema", _EPILOG)
    inner = parser.add_subparsers(metavar="ACTION", required=True)
    check = subparser(inner, "check", "report every error of a recipe")
    check.add_argument("recipe", type=Path, metavar="RECIPE", help="recipe (YAML)")
    check.add_argument("--print", action="store_true", help="print it with every default")
    add_recipe_options(check)
    check.set_defaults(handler=handle_check, uses_tensorflow=True)
    schema = subparser(inner, "schema", "print the JSON Schema of recipes")
    schema.set_defaults(handler=handle_schema)


def handle_check(options: argparse.Namespace) -> int:
    """Check one recipe; its keys, values and names are in order when this is called."""
    from dssd_tf.pipeline.checks import check_recipe
    from dssd_tf.progress import say
    from dssd_tf.recipe import dump_recipe
    from dssd_tf.recipe.loading import one_error

    recipe = read_recipe(options.recipe, options)
    if faults := check_recipe(recipe, len(recipe.data.classes or ()) or 10, options.recipe):
        raise one_error(faults)
    if options.print:
        print(dump_recipe(recipe), end="")
    say(f"{options.recipe}: valid")
    return 0


def handle_schema(options: argparse.Namespace) -> int:
    """Print the schema."""
    from dssd_tf.recipe import Recipe

    print(json.dumps(Recipe.model_json_schema(), indent=2))
    return 0
