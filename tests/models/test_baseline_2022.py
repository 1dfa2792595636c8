import numpy as np

from dssd_tf.complexity import measure
from dssd_tf.models import Baseline2022, create_model


def test_parameters_with_and_without_the_statistics():
    model = create_model("baseline_2022")
    assert model.count_params() == 46_246
    assert measure(model).parameters == 46_118


def test_the_flattened_part_has_64_features():
    assert create_model("baseline_2022").get_layer("flatten").output.shape == (None, 64)


def test_softmax_is_an_option():
    x = np.random.default_rng(0).normal(size=(2, 51, 40, 1)).astype("float32")
    probabilities = np.asarray(Baseline2022(classifier_activation="softmax")(x))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
