"""From an int8 model to a folder of C++ sources for a microcontroller."""

from dssd_tf.deployment.bundle import write_mcu_bundle
from dssd_tf.deployment.front_end import FrontEnd

__all__ = ["FrontEnd", "write_mcu_bundle"]
