"""Quantization-aware fine-tuning of a deploy form, with tensorflow-model-optimization.

That package costs seconds to import and switches `tf.keras` to Keras 2 in the whole process, so
`quantizers` and `twin_layers`, which need it, are imported inside functions only.
"""
