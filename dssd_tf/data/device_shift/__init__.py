"""A variant of a set whose clips were recorded by simulated devices, some of them in test only."""

from dssd_tf.data.device_shift.dataset import Shifted, shift_devices

__all__ = ["Shifted", "shift_devices"]
