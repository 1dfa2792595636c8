import numpy as np

from dssd_tf.models import CPResNet, create_model


def test_figures_at_128_k(figures):
    assert figures(create_model("cp_resnet")) == (127_684, 28_840_396)


def test_the_wide_one_is_a_teacher_over_every_limit(figures):
    parameters, macs = figures(create_model("cp_resnet_wide"))
    assert parameters > 10 * 128_000
    assert macs > 10 * 30_000_000


def test_a_small_one_gives_logits_or_probabilities():
    x = np.random.default_rng(0).normal(size=(2, 20, 32, 1)).astype("float32")
    small = {"input_shape": (20, 32, 1), "classes": 3, "widths": (8, 8, 12)}
    assert CPResNet(**small)(x).shape == (2, 3)
    softmax = CPResNet(**small, classifier_activation="softmax")
    np.testing.assert_allclose(np.asarray(softmax(x)).sum(axis=1), 1, atol=1e-6)
