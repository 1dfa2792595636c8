"""The resolved recipe the run was made by, as it stands in the folder."""

from typing import Any

from dssd_tf.report.run import Run
from dssd_tf.report.section import Missing, Section


def build(run: Run) -> dict[str, Any] | Missing:
    """The recipe's text."""
    if run.recipe_text is None:
        return Missing("recipe.yaml is missing", ("dssd run RECIPE --out RUN",))
    return {"text": run.recipe_text}


RECIPE = Section("recipe", "Recipe", build)
