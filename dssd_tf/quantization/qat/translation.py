"""From a Keras 3 model in deploy form to primitives."""

import keras

from dssd_tf.quantization.qat.primitive import Primitive
from dssd_tf.quantization.qat.translation_rules import RULES
from dssd_tf.quantization.qat.translator import Translator


def translate(deployed: keras.Model) -> list[Primitive]:
    """The primitives of a functional model, in an order in which they can be computed.

    The first is the input, the last the output.

    Args:
        deployed: One input, one output, as `deploy_form` gives it.

    Raises:
        ModelError: A layer has no primitive; the message names layer and type.
    """
    translator = Translator(RULES)
    (source,) = deployed.inputs
    first = translator.append("input", deployed, (), source.shape, size=source.shape[1:])
    deployed._run_through_graph([first], call_fn=translator.call)
    return translator.primitives
