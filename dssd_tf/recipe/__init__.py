"""The recipe: everything a run depends on, as one YAML file."""

from dssd_tf.recipe.defaults import default_settings
from dssd_tf.recipe.loading import dump_recipe, load_recipe
from dssd_tf.recipe.schema import ChallengeConfig, ModelConfig, Recipe

__all__ = [
    "ChallengeConfig",
    "ModelConfig",
    "Recipe",
    "default_settings",
    "dump_recipe",
    "load_recipe",
]
