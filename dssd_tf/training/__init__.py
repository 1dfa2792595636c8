"""Training: optimizer, schedule, the epoch loop, exact resume."""

from dssd_tf.training.config import OptimizerConfig, ScheduleConfig, TrainingConfig

__all__ = ["OptimizerConfig", "ScheduleConfig", "TrainingConfig"]
