"""Many runs of one recipe with settings changed, and what they gave as tables."""

from dssd_tf.pipeline.sweep.one_run import Sweep
from dssd_tf.pipeline.sweep.points import Point, sweep_points
from dssd_tf.pipeline.sweep.results import result_rows
from dssd_tf.pipeline.sweep.running import collect, run_sweep
from dssd_tf.pipeline.sweep.summary import summarise, write_summary

__all__ = [
    "Point",
    "Sweep",
    "collect",
    "result_rows",
    "run_sweep",
    "summarise",
    "sweep_points",
    "write_summary",
]
