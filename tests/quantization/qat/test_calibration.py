import numpy as np
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.quantization.deploy_form import deploy_form
from dssd_tf.quantization.qat.calibration import calibrate, set_weight_ranges
from dssd_tf.quantization.qat.twin import make_twin


def _range(twin, group):
    shared = twin.ranges.shared[group]
    return float(shared["min"]), float(shared["max"])


def test_ranges_are_the_extremes_over_all_clips(trained, task):
    twin, x = make_twin(deploy_form(trained)), task(70, 4)[0]
    calibrate(twin, x, show=False)
    assert np.allclose(_range(twin, twin.plan.group[0]), (x.min(), x.max()))
    logits = np.asarray(trained(x, training=False))
    last = _range(twin, twin.plan.group[-1])
    np.testing.assert_allclose(last, (logits.min(), logits.max()), rtol=1e-4)


def test_a_percentile_leaves_outliers_out(trained, task):
    twin, x = make_twin(deploy_form(trained)), task(32, 4)[0]
    x = x.copy()
    x[0, 0, 0, 0] = 1000.0
    calibrate(twin, x, percentile=99.0, show=False)
    low, high = _range(twin, twin.plan.group[0])
    np.testing.assert_allclose([low, high], np.percentile(x, [1, 99]), rtol=1e-5)


def test_clips_of_another_shape_are_refused(trained, task):
    twin, x = make_twin(deploy_form(trained)), task(2, 4)[0]
    for clips in ([], x[0], x[..., :0]):
        with pytest.raises(ModelError, match="give at least one clip of shape"):
            calibrate(twin, clips, show=False)


def test_ranges_of_weights_follow_the_weights(twin):
    (layer,) = [layer for layer in twin.model.layers if layer.name == "mix"]
    ((kernel, _, variables),) = layer._weight_vars
    kernel.assign(2.0 * kernel)
    set_weight_ranges(twin)
    largest = np.abs(np.asarray(kernel)).max(axis=(0, 1, 2))
    np.testing.assert_allclose(variables["max"], largest)
    np.testing.assert_allclose(variables["min"], -largest)
