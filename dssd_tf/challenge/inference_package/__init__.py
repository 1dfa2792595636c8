"""The inference code of a 2025 submission: a Python package that needs nothing of this one."""

from dssd_tf.challenge.inference_package.package import inference_limits, write_inference_package
from dssd_tf.challenge.inference_package.system import InferenceSystem

__all__ = ["InferenceSystem", "inference_limits", "write_inference_package"]
