"""Keras layers of the deep space separable distillation networks.

Importing this room registers every layer with Keras under the package name ``dssd_tf``.
"""

from dssd_tf.layers.cross_depthwise_conv import CrossDepthwiseConv
from dssd_tf.layers.distilled_block import DistilledBlock
from dssd_tf.layers.efficient_channel_attention import EfficientChannelAttention
from dssd_tf.layers.frequency_split import FrequencySplit
from dssd_tf.layers.global_response_norm import GlobalResponseNorm
from dssd_tf.layers.grouped_pointwise_conv import GroupedPointwiseConv
from dssd_tf.layers.operators import OPERATORS, make_operator
from dssd_tf.layers.orthonormal_regularizer import OrthonormalRegularizer
from dssd_tf.layers.orthonormal_separable_conv import OrthonormalSeparableConv
from dssd_tf.layers.residual_distilled_block import ResidualDistilledBlock
from dssd_tf.layers.separable_conv import SeparableConv
from dssd_tf.layers.separable_partial_conv import SeparablePartialConv
from dssd_tf.layers.strided_depthwise_conv import StridedDepthwiseConv

__all__ = [
    "OPERATORS",
    "CrossDepthwiseConv",
    "DistilledBlock",
    "EfficientChannelAttention",
    "FrequencySplit",
    "GlobalResponseNorm",
    "GroupedPointwiseConv",
    "OrthonormalRegularizer",
    "OrthonormalSeparableConv",
    "ResidualDistilledBlock",
    "SeparableConv",
    "SeparablePartialConv",
    "StridedDepthwiseConv",
    "make_operator",
]
