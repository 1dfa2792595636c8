"""The networks of distilled blocks that a budget can be searched for."""

from dataclasses import replace

from dssd_tf.complexity.block_network_cost import BlockNetwork
from dssd_tf.config_errors import nearest
from dssd_tf.errors import ModelError

_DSMN = BlockNetwork("sc_g", (44, 256, 2), 13, pattern="SSSSS")
_DSSDN = BlockNetwork("sc", (44, 256, 1), 10)
NETWORKS: dict[str, BlockNetwork] = {
    "dsmn_s": _DSMN,
    "dsmn_f": replace(_DSMN, pattern="FFFFF"),
    "dsmn_sf": replace(_DSMN, pattern="SFFFF"),
    "dsmn_s_wide": replace(_DSMN, widths=(24, 128, 128, 128, 128)),
    "dssdn_large": _DSSDN,
    "dssdn_middle": replace(_DSSDN, operator="osc"),
    "dssdn_small": replace(_DSSDN, operator="spc"),
    "dssdn_paper_scale": replace(
        _DSSDN, input_shape=(431, 256, 1), pattern="FFFFF", distilled_width="same"
    ),
}
"""The registry's networks of distilled blocks. The registry itself cannot be read without Keras;
a test holds this table to it."""

FAMILIES: dict[str, tuple[str, ...]] = {
    "dsmn": ("dsmn_s",),
    "dssdn": ("dssdn_large", "dssdn_middle", "dssdn_small"),
}
"""The networks of a family that differ in more than pattern and widths."""


def members(model: str) -> tuple[str, ...]:
    """The networks of a family, or the one of that name.

    Raises:
        ModelError: There is no such name.
    """
    if model in FAMILIES:
        return FAMILIES[model]
    names = [*FAMILIES, *NETWORKS]
    if model not in NETWORKS:
        raise ModelError(
            f"unknown network of distilled blocks {model!r}{nearest(model, names)}",
            fix=f"choose one of {', '.join(names)}",
        )
    return (model,)
