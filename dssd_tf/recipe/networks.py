"""The names of the networks, so that a recipe is checked without loading Keras."""

import sys

NETWORKS = (
    "baseline_2022",
    "baseline_2024",
    "cp_mobile",
    "cp_resnet",
    "cp_resnet_wide",
    "dsmn_f",
    "dsmn_s",
    "dsmn_s_wide",
    "dsmn_sf",
    "dssdn_large",
    "dssdn_middle",
    "dssdn_paper_scale",
    "dssdn_small",
    "residual_dssdn_f",
    "residual_dssdn_sf",
    "residual_dssdn_small",
)
"""What the registry of the package knows; a test holds the two together."""


def known_networks() -> list[str]:
    """`NETWORKS`, and what a program has registered beside them."""
    registry = sys.modules.get("dssd_tf.models.registry")
    return sorted({*NETWORKS, *(registry.list_models() if registry else ())})
