"""The recipe: everything a run depends on, as one YAML file."""

from dssd_tf.recipe.loading import dump_recipe, load_recipe
from dssd_tf.recipe.schema import ChallengeConfig, ModelConfig, Recipe

__all__ = ["ChallengeConfig", "ModelConfig", "Recipe", "dump_recipe", "load_recipe"]
