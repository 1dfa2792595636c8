"""Training a student with teachers, coarse classes, or both."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from dssd_tf.errors import ModelError
from dssd_tf.training.distillation.coarse_loss import CoarseLoss
from dssd_tf.training.distillation.distillation_loss import DistillationLoss, Divergence
from dssd_tf.training.distillation.elements import split_inputs
from dssd_tf.training.distillation.ensemble import Average
from dssd_tf.training.distillation.feature_distillation import FeatureDistillation
from dssd_tf.training.distillation.feature_extractor import FeatureExtractor
from dssd_tf.training.distillation.task_gradients import projected_gradients, replicas
from dssd_tf.training.distillation.teachers import Teachers, stacked_logits
from dssd_tf.training.distillation.terms import Combine, term_factors, term_names


@keras.saving.register_keras_serializable(package="dssd_tf")
class Distiller(keras.Model):
    """A student in training; `student` is what remains.

    The loss is ``(1 - w) student + w (distillation + features) + coarse_weight coarse`` plus the
    penalties of the student's layers, w being the distillation weight; with one teacher and no
    more it is that of `keras.distillation.Distiller` with ``student_loss_weight = 1 - w``.
    Sample and class weights count in every term. Elements of a dataset are (x, y) or (x, y,
    sample_weight); x is the student's input or, with stored logits, ``{"x": …, "teacher": …}``,
    see `fit_element`. The live teachers run outside the gradient, are not trained and not saved.

    In evaluation ``loss`` is that of the student's scenes alone (and the penalties), so that
    epochs of different weights, and runs with other teachers, compare; ``coarse_loss`` stands
    beside it. Metrics see the logits of the scenes only. The loss is an argument here, not of
    `compile`.

    Args:
        student: Network whose output is logits: (batch, scenes) or, with coarse classes behind
            them, (batch, scenes + coarse classes).
        teachers: Live teachers, or how many there will be: a loaded distiller has none until
            `attach_teachers`.
        teacher_weights: One a teacher, live ones first; None: all the same.
        average: Teachers are averaged as logits or as softened probabilities.
        temperature: Divides the logits of teachers and student in the distillation loss.
        distillation_weight: w in [0, 1], or a schedule of it over the optimizer's steps, such as
            `WeightSchedule`; 0: no teacher is needed.
        student_loss: Of labels and logits; None: categorical cross-entropy.
        distillation_loss: ``"kl_divergence"`` or ``"categorical_crossentropy"``.
        feature_distillation: Pairs of layers.
        coarse: Loss of the coarse classes; it also tells how many logits are scenes.
        coarse_weight: Factor of the coarse loss.
        combine: ``"sum"``, or ``"pcgrad"``: each weighted term of the loss is a task whose
            gradient is projected where it conflicts (Yu et al. 2020); DSMN does so with scenes
            and coarse classes. The layers' penalties are added to the result.
        seed: Of the order of projections.

    Raises:
        ModelError: Networks, layers and terms do not fit together.
        ValueError: A number is out of its range.
    """

    def __init__(
        self,
        student: keras.Model,
        teachers: Sequence[keras.Model] | int = (),
        *,
        teacher_weights: Sequence[float] | None = None,
        average: Average = "logits",
        temperature: float = 1.0,
        distillation_weight: float | Callable[[Any], Any] = 0.5,
        student_loss: keras.losses.Loss | None = None,
        distillation_loss: Divergence = "kl_divergence",
        feature_distillation: Sequence[FeatureDistillation] = (),
        coarse: CoarseLoss | None = None,
        coarse_weight: float = 1.0,
        combine: Combine = "sum",
        seed: int = 0,
        name: str = "distiller",
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        self.student = student
        self.distillation_weight, self.coarse_weight = distillation_weight, coarse_weight
        self.student_loss = student_loss or keras.losses.CategoricalCrossentropy(from_logits=True)
        self.distillation_loss = DistillationLoss(
            temperature,
            divergence=distillation_loss,
            teacher_weights=teacher_weights,
            average=average,
        )
        self.feature_distillation = list(feature_distillation)
        self.coarse, self.combine, self.seed = coarse, combine, seed
        self.terms = term_names(
            distillation_weight,
            features=bool(feature_distillation),
            coarse=coarse is not None,
            combine=combine,
        )
        self.trackers = {term: keras.metrics.Mean(name=term) for term in self.terms}
        self._looked_at = FeatureExtractor(student, [p.student_layer for p in feature_distillation])
        self.live_teachers = teachers if isinstance(teachers, int) else len(teachers)
        self._teachers: Teachers | None = None
        if not isinstance(teachers, int):
            self.attach_teachers(teachers)
        self.built = student.built

    def attach_teachers(self, teachers: Sequence[keras.Model]) -> None:
        """Give a loaded distiller its live teachers back, in the order it was made with.

        Raises:
            ModelError: There are more or fewer than it was made with, or one does not fit.
        """
        if len(teachers) != self.live_teachers:
            raise ModelError(
                f"{len(teachers)} teachers given to a distiller made with {self.live_teachers}",
                fix="give the same teachers, in the same order",
            )
        self._teachers = Teachers(teachers, self.feature_distillation, self.student)
        # A step that was traced before does not know them.
        self.train_function = None
        for pair in self.feature_distillation:
            if not pair.built:
                theirs = self._teachers.extractors[pair.teacher].shapes
                ours = self._looked_at.shapes[pair.student_layer]
                pair.build(ours, theirs[pair.teacher_layer])

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """The student's logits, (batch, outputs)."""
        return self.student(split_inputs(inputs)[0], training=training)

    def train_step(self, data: Any) -> dict[str, Any]:
        """One step of the optimizer; the metrics of the epoch so far."""
        inputs, labels, weight = keras.utils.unpack_x_y_sample_weight(data)
        x, stored = split_inputs(inputs)
        # Outside the tape, which would keep what a teacher computes until the step ends.
        taught = self._taught(x, stored)
        with tf.GradientTape(persistent=self.combine == "pcgrad") as tape:
            logits, features = self._looked_at(x, training=True)
            terms = self._terms(labels, logits, features, taught, weight)
            factors = self._factors()
            tasks = [factors[name] * value for name, value in terms.items()]
            penalty = self._penalty()
            total = tf.add_n(tasks) + penalty
            scale = self.optimizer.scale_loss
            scaled = [scale(task) for task in (tasks if self.combine == "pcgrad" else [total])]
            scaled_penalty = scale(penalty)
        variables = self.trainable_variables
        if self.combine == "pcgrad":
            step = self.optimizer.iterations
            gradients = projected_gradients(
                tape, scaled, scaled_penalty, variables, seed=self.seed, step=step
            )
        else:
            gradients = tape.gradient(scaled[0], variables)
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        self._track({"loss": total, **terms}, x)
        return self.compute_metrics(x, labels, logits, sample_weight=weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """The metrics so far of the student alone."""
        inputs, labels, weight = keras.utils.unpack_x_y_sample_weight(data)
        x, _ = split_inputs(inputs)
        logits = self.student(x, training=False)
        terms = self._supervised(labels, logits, weight)
        self._track({"loss": terms["student_loss"] + self._penalty(), **terms}, x)
        found = self.compute_metrics(x, labels, logits, sample_weight=weight)
        return {k: v for k, v in found.items() if k not in self.terms or k in terms}

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Update and read the metrics, from the logits of the scenes."""
        return super().compute_metrics(x, y, y_pred[:, : self._scenes(y_pred)], sample_weight)

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this distiller again but its live teachers."""
        loss = self.distillation_loss
        plain = {
            "teachers": self.live_teachers,
            "teacher_weights": loss.teacher_weights,
            "average": loss.average,
            "temperature": loss.temperature,
            "distillation_loss": loss.divergence,
            "coarse_weight": self.coarse_weight,
            "combine": self.combine,
            "seed": self.seed,
            "name": self.name,
        }
        objects = {
            "student": self.student,
            "student_loss": self.student_loss,
            "distillation_weight": self.distillation_weight,
            "feature_distillation": list(self.feature_distillation),
            "coarse": self.coarse,
        }
        serialize = keras.saving.serialize_keras_object
        return {**plain, **{key: serialize(value) for key, value in objects.items()}}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> "Distiller":
        """A distiller from `get_config`, without its live teachers."""
        objects = ("student", "student_loss", "distillation_weight", "feature_distillation")
        made = {
            key: keras.saving.deserialize_keras_object(config[key], custom_objects)
            for key in (*objects, "coarse")
        }
        return cls(**{**config, **made})

    def _scenes(self, logits: Any) -> int:
        return self.coarse.scenes if self.coarse is not None else logits.shape[-1]

    def _taught(self, x: Any, stored: Any) -> tuple[Any, Any, Any]:
        """Logits of the live teachers, stored logits, features of the live teachers."""
        if getattr(self, "loss", None) is not None:
            raise ModelError("a loss was given to compile", fix="give it as student_loss")
        if "distillation_loss" not in self.terms:
            return [], None, []
        if self._teachers is None:
            if self.live_teachers:
                raise ModelError(
                    f"the {self.live_teachers} live teachers of this distiller are missing",
                    fix="give them to attach_teachers: they are not saved with it",
                )
            return [], stored, []
        live, features = self._teachers(x)
        return live, stored, features

    def _supervised(self, labels: Any, logits: Any, weight: Any) -> dict[str, Any]:
        terms = {
            "student_loss": self.student_loss(labels, logits[:, : self._scenes(logits)], weight)
        }
        if self.coarse is not None:
            terms["coarse_loss"] = self.coarse(labels, logits, weight)
        return terms

    def _terms(
        self, labels: Any, logits: Any, features: Any, taught: tuple[Any, Any, Any], weight: Any
    ) -> dict[str, Any]:
        """The terms of the loss before their factors, each divided by the replicas."""
        terms = self._supervised(labels, logits, weight)
        if "distillation_loss" in self.terms:
            live, stored, theirs = taught
            scenes = self._scenes(logits)
            teachers = stacked_logits(live, stored, scenes, logits.shape[-1])
            student = logits[:, :scenes]
            terms["distillation_loss"] = self.distillation_loss(teachers, student, weight)
        if self.feature_distillation:
            terms["feature_loss"] = tf.add_n(
                [pair.loss_of(features, theirs, weight) for pair in self.feature_distillation]
            )
        return terms

    def _factors(self) -> dict[str, Any]:
        share = self.distillation_weight
        if callable(share):
            share = tf.cast(share(self.optimizer.iterations), tf.float32)
        return term_factors(share, self.coarse_weight)

    def _penalty(self) -> Any:
        """The penalties of the layers, divided by the replicas as a Keras loss is."""
        parts = [tf.cast(part, tf.float32) for part in self.losses]
        return tf.add_n(parts) / replicas() if parts else tf.constant(0.0)

    def _track(self, losses: dict[str, Any], x: Any) -> None:
        trackers = {"loss": self._loss_tracker, **self.trackers}
        clips = tf.shape(x)[0]
        for name, value in losses.items():
            trackers[name].update_state(value * replicas(), sample_weight=clips)
