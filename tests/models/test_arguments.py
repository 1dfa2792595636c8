import pytest

from dssd_tf.models.arguments import GLOBAL_POOLS, require_pattern, require_pooling


@pytest.mark.parametrize("pattern", ["S", "SFF"])
def test_patterns(pattern):
    require_pattern(pattern)


@pytest.mark.parametrize("pattern", ["", "s", "SXF"])
def test_what_is_no_pattern(pattern):
    with pytest.raises(ValueError, match=f"letters S and F, got '{pattern}'"):
        require_pattern(pattern)


def test_pools_are_for_networks_without_their_top():
    for pooling in (*GLOBAL_POOLS, None):
        require_pooling(pooling, include_top=False)
    require_pooling(None, include_top=True)
    with pytest.raises(ValueError, match="pooling='avg' is for include_top=False"):
        require_pooling("avg", include_top=True)
    with pytest.raises(ValueError, match="must be None or one of"):
        require_pooling("median", include_top=False)
