"""Looking for better settings of a recipe, within an edition's limits."""

from dssd_tf.pipeline.search.searching import Search, run_search
from dssd_tf.pipeline.search.space import Choice, Range, read_space

__all__ = ["Choice", "Range", "Search", "read_space", "run_search"]
