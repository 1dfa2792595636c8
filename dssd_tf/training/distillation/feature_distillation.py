"""Distilling features: a layer of the student is held to a layer of a teacher."""

from typing import Any, Literal

import keras
from keras import ops

from dssd_tf.errors import ModelError

Distance = Literal["mse", "cosine"]
"""How two maps of features are compared."""


@keras.saving.register_keras_serializable(package="dssd_tf")
class FeatureDistillation(keras.layers.Layer):
    """Brings a student's features into the shape of a teacher's, and weighs their distance.

    Where the channels differ, a learned dense projection over the channels (a 1x1 convolution)
    maps the student's to the teacher's; where time or frequency differ, both are averaged down
    to the smaller extent (adaptive average pooling). The projection is trained with the student
    but is no part of it.

    Source: Romero et al., FitNets (ICLR 2015).

    Args:
        student_layer: Name of a layer of the student.
        teacher_layer: Name of a layer of the teacher.
        loss: ``"mse"`` or ``"cosine"``, see `FeatureLoss`.
        weight: Factor of this pair's distance.
        teacher: Which of the live teachers, from 0.

    Raises:
        ValueError: An argument is out of its range.
    """

    def __init__(
        self,
        student_layer: str,
        teacher_layer: str,
        *,
        loss: Distance = "mse",
        weight: float = 1.0,
        teacher: int = 0,
        **kwargs: Any,
    ):
        # In mixed precision a difference of features is still taken in full precision.
        super().__init__(**{"dtype": "float32", **kwargs})
        if not 0 < weight < float("inf"):
            raise ValueError(f"the weight of features must be finite and above 0, got {weight}")
        if teacher < 0:
            raise ValueError(f"teachers are counted from 0, got {teacher}")
        self.student_layer, self.teacher_layer = student_layer, teacher_layer
        self.loss, self.weight, self.teacher = loss, weight, teacher
        self.distance = FeatureLoss(loss)
        self.projection: Any = None

    def build(self, student_shape: Any, teacher_shape: Any) -> None:
        """Make the projection for (batch, …, channels) of both.

        Raises:
            ModelError: The ranks differ, or an extent is not known.
        """
        self.extents(student_shape, teacher_shape)
        if student_shape[-1] != teacher_shape[-1]:
            self.projection = keras.layers.Dense(
                teacher_shape[-1], dtype=self.dtype_policy, name="projection"
            )
            self.projection.build(student_shape)

    def call(self, student: Any, teacher: Any) -> tuple[Any, Any]:
        """The features of student and teacher, both in the teacher's channels.

        Args:
            student: (batch, …, channels).
            teacher: (batch, …, channels), as many axes.
        """
        extents = self.extents(student.shape, teacher.shape)
        student, teacher = _pooled(student, extents), _pooled(teacher, extents)
        return student if self.projection is None else self.projection(student), teacher

    def loss_of(self, student: Any, teachers: Any, sample_weight: Any = None) -> Any:
        """The weighted distance, a scalar divided by the replicas.

        Args:
            student: The student's features by layer.
            teachers: Of each live teacher, its features by layer.
            sample_weight: (batch,) or None.
        """
        pair = self(student[self.student_layer], teachers[self.teacher][self.teacher_layer])
        return self.weight * self.distance(pair[1], pair[0], sample_weight)

    def extents(self, student_shape: Any, teacher_shape: Any) -> tuple[int, ...]:
        """The smaller extent of each axis between batch and channels."""
        both = f"{self.student_layer!r} {tuple(student_shape)[1:]} of the student and "
        both += f"{self.teacher_layer!r} {tuple(teacher_shape)[1:]} of the teacher"
        if len(student_shape) != len(teacher_shape) or not 2 <= len(student_shape) <= 5:
            raise ModelError(
                f"the features {both} cannot be compared",
                fix="choose layers with the same number of axes, channels last",
            )
        if None in (*student_shape[1:], *teacher_shape[1:]):
            raise ModelError(f"the shapes of {both} are not fixed", fix="build with a fixed input")
        pairs = zip(student_shape[1:-1], teacher_shape[1:-1], strict=True)
        return tuple(min(pair) for pair in pairs)

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this layer again."""
        return {
            **super().get_config(),
            "student_layer": self.student_layer,
            "teacher_layer": self.teacher_layer,
            "loss": self.loss,
            "weight": self.weight,
            "teacher": self.teacher,
        }


@keras.saving.register_keras_serializable(package="dssd_tf")
class FeatureLoss(keras.losses.Loss):
    """The distance of two maps of features.

    ``"mse"`` is the mean squared difference, ``"cosine"`` the mean of 1 - cos over the places,
    cos taken between the vectors of channels.

    Raises:
        ValueError: The distance is unknown.
    """

    def __init__(
        self,
        distance: Distance = "mse",
        *,
        reduction: str = "sum_over_batch_size",
        name: str = "feature_loss",
        dtype: Any = None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        if distance not in ("mse", "cosine"):
            raise ValueError(f"unknown distance of features {distance!r}; choose mse or cosine")
        self.distance = distance

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The distance of each clip, (batch,), from two maps (batch, …, channels)."""
        if self.distance == "mse":
            values = ops.square(y_true - y_pred)
        else:
            cosine = ops.sum(ops.normalize(y_true, -1) * ops.normalize(y_pred, -1), axis=-1)
            values = 1 - cosine
        axes = tuple(range(1, len(values.shape)))
        return ops.mean(values, axis=axes) if axes else values

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this loss again."""
        return {**super().get_config(), "distance": self.distance}


def _pooled(features: Any, extents: tuple[int, ...]) -> Any:
    if tuple(features.shape[1:-1]) == extents:
        return features
    return ops.adaptive_average_pool(features, extents, data_format="channels_last")
