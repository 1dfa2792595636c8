"""Whether a teacher was trained on what its student is tested on."""

from collections.abc import Collection

from dssd_tf.teachers.manifest import TeacherRecord


def leak_of(
    record: TeacherRecord, recordings: Collection[str], test_recordings: Collection[str]
) -> str | None:
    """What is wrong with a teacher that saw recordings of the test, or None.

    Args:
        record: The teacher.
        recordings: Those it is known to be trained on.
        test_recordings: Those that the student is tested on.
    """
    shared = sorted(set(recordings) & set(test_recordings))
    if not shared:
        return None
    return (
        f"teacher {record.name!r} was trained on recording {shared[0]!r}, on which the student is "
        f"tested ({len(shared)} such recordings)"
    )


def doubt_of(record: TeacherRecord, fold: int | None, split: int | None) -> str | None:
    """Why a teacher cannot be checked for a leak, or None where it can.

    Args:
        record: The teacher.
        fold: The student's fold.
        split: The student's split, which then counts instead of the fold.
    """
    origin = record.origin
    if origin is not None and origin.recordings is not None and origin.complete:
        return None
    # A training list keeps apart from the test list of its own fold, and all splits share one.
    if origin is not None and split is not None and origin.split is not None:
        return None
    if origin is not None and split is None and fold is not None and origin.fold == fold:
        return None
    known = "is not known"
    if origin is not None and (origin.fold or origin.split):
        list_name = f"fold {origin.fold}" if origin.split is None else f"split {origin.split}"
        known = f"is known as {list_name} only, without its recordings"
    elif origin is not None:
        known = "is known in part only"
    return (
        f"what teacher {record.name!r} was trained on {known}: whether it saw recordings of the "
        "test cannot be checked"
    )
