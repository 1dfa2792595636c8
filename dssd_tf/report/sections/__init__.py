"""The page's sections, in order. A new one is a file here, its template and its place in this."""

from dssd_tf.report.section import Section
from dssd_tf.report.sections.agreement import AGREEMENT
from dssd_tf.report.sections.calibration import CALIBRATION
from dssd_tf.report.sections.class_wise import CLASS_WISE
from dssd_tf.report.sections.complexity import COMPLEXITY
from dssd_tf.report.sections.confusion_matrix import CONFUSION_MATRIX
from dssd_tf.report.sections.device_wise import DEVICE_WISE
from dssd_tf.report.sections.environment import ENVIRONMENT
from dssd_tf.report.sections.explanations import EXPLANATIONS
from dssd_tf.report.sections.learning_curves import LEARNING_CURVES
from dssd_tf.report.sections.mistakes import MISTAKES
from dssd_tf.report.sections.parity import PARITY
from dssd_tf.report.sections.recipe import RECIPE
from dssd_tf.report.sections.summary import SUMMARY

SECTIONS: tuple[Section, ...] = (
    SUMMARY,
    LEARNING_CURVES,
    CONFUSION_MATRIX,
    CLASS_WISE,
    DEVICE_WISE,
    CALIBRATION,
    MISTAKES,
    EXPLANATIONS,
    AGREEMENT,
    PARITY,
    COMPLEXITY,
    RECIPE,
    ENVIRONMENT,
)
