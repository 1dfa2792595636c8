"""Teacher banks: logits of teachers on clips, kept so that a student is distilled without them.

Reading and writing need NumPy only; running the teachers is the pipeline's job.
"""

from dssd_tf.teachers.averaging import Average, average_logits
from dssd_tf.teachers.bank import TeacherBank
from dssd_tf.teachers.manifest import BankManifest, Origin, TeacherRecord, read_manifest
from dssd_tf.teachers.writer import TeacherWriter, begin_teacher

__all__ = [
    "Average",
    "BankManifest",
    "Origin",
    "TeacherBank",
    "TeacherRecord",
    "TeacherWriter",
    "average_logits",
    "begin_teacher",
    "read_manifest",
]
