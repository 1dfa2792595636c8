"""What can be known to be wrong before anything is computed."""

from pathlib import Path

from dssd_tf.challenge import Edition, load_edition, read_entry
from dssd_tf.challenge.meta import addresses
from dssd_tf.errors import ModelError, PackageError, RecipeError
from dssd_tf.pipeline.student import make_network, make_student
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.progress import warn
from dssd_tf.recipe import Recipe
from dssd_tf.training.clip_weights import clip_weights


def check_recipe(recipe: Recipe, classes: int, path: Path) -> list[RecipeError]:
    """Build the recipe's network once and read its edition and entry.

    Args:
        recipe: The recipe.
        classes: Number of classes in the data.
        path: The recipe's file.

    Returns:
        Faults with file and key: the network's name or an option is unknown, it does not fit the
        features, the edition is unknown, or the entry cannot be used.
    """
    faults = []
    try:
        make_network(recipe, _input_shape(recipe), classes)
    except ModelError as error:
        faults.append(RecipeError(f"model: {error.problem}", path=path, fix=error.fix))
    try:
        _check_challenge(recipe)
    except PackageError as error:
        where = "" if error.path is None else f"{error.path}: "
        faults.append(RecipeError(f"challenge: {where}{error.problem}", path=path, fix=error.fix))
    return faults


def check_with_data(workspace: Workspace) -> None:
    """The same, and whether teachers, coarse classes and weights of clips fit the data.

    Args:
        workspace: The recipe's data at hand; the teachers' logits are read.

    Raises:
        ModelError: The network's name or an option is unknown, it does not fit the features, or
            the coarse classes are not those of the scenes.
        PackageError: The edition is unknown, or the entry cannot be used.
        DataError: A teacher does not fit the data.
        RunError: A teacher is not there.
        RecipeError: A teacher or a weight of clips does not fit the recipe.
    """
    recipe, dataset = workspace.recipe, workspace.dataset
    make_student(recipe, _input_shape(recipe), dataset.classes)
    _check_challenge(recipe)
    clip_weights(dataset.train, recipe.training.class_weight, recipe.training.device_weight)
    _ = workspace.live_teachers, workspace.stored_logits


def check_deployment(recipe: Recipe) -> None:
    """Whether the recipe gives the model that its edition judges.

    Raises:
        RecipeError: The edition counts an int8 model, and the recipe makes none.
    """
    method, year = recipe.quantization.method, recipe.challenge.edition
    if year is None or method in ("ptq", "qat"):
        return
    edition = load_edition(year)
    if edition.weights is not None or any(limit.model == "int8" for limit in edition.limits):
        raise RecipeError(
            f"edition {year} judges an int8 model, but quantization.method is {method}",
            fix="set quantization.method to ptq or qat, or challenge.edition to another or null",
        )


def _input_shape(recipe: Recipe) -> tuple[int, int, int]:
    return recipe.features.shape(round(recipe.features.sampling_rate * recipe.data.clip_seconds))


def _check_challenge(recipe: Recipe) -> None:
    year, path = recipe.challenge.edition, recipe.challenge.entry
    edition = None if year is None else load_edition(year)
    if path is not None:
        entry = read_entry(path)
        if edition is not None:
            addresses(edition, entry)
            _warn_of_split(recipe, edition)


def _warn_of_split(recipe: Recipe, edition: Edition) -> None:
    """A package of this run would be refused: say so before it is trained."""
    allowed = edition.splits.value
    if edition.training_split is not None:
        allowed = [edition.training_split.value]
    if allowed and recipe.data.split not in allowed and not recipe.data.synthetic:
        listed = ", ".join(map(str, allowed))
        warn(
            f"{edition.year} is trained on data.split {listed}, the recipe has {recipe.data.split}"
        )
