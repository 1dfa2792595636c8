"""The front end's constants as C++ sources: window, cosines, sparse mel matrix."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.deployment.c_source import c_float, c_rows, header, source
from dssd_tf.deployment.front_end import FrontEnd
from dssd_tf.features.filter_bank import filter_bank
from dssd_tf.features.window import analysis_window

_DECLARATIONS = """
// Hann window of kFftSize values.
extern const float kWindow[];
// cos(2 pi k / kFftSize) for k in [0, kFftSize / 2].
extern const float kCosine[];
// Mel filters: band b weighs the kBandCount[b] bins from kBandStart[b] on; the weights of all
// bands stand one after the other.
extern const std::uint16_t kBandStart[];
extern const std::uint16_t kBandCount[];
extern const float kBandWeights[];
"""


def front_end_sources(front_end: FrontEnd) -> dict[str, str]:
    """File name → text: `front_end_tables.h` and `front_end_tables.cc`."""
    return {
        "front_end_tables.h": _header(front_end),
        "front_end_tables.cc": _tables(front_end),
    }


def _header(front_end: FrontEnd) -> str:
    config = front_end.config
    values = {
        "int kSamplingRate": f"{config.sampling_rate};  // Hz",
        "int kClipSamples": f"{front_end.samples};",
        "int kFftSize": f"{config.n_fft};",
        "int kWindowLength": f"{config.win_length};  // in the middle of kFftSize, zeros around",
        "int kHopLength": f"{config.hop_length};",
        "int kFrames": f"{front_end.frames};",
        "int kBands": f"{front_end.bands};",
        "int kChannels": f"{front_end.channels};",
        "float kLogOffset": f"{c_float(config.log_offset)};  // added to the power before log10",
        "bool kStandardize": f"{_flag(config.standardize == 'clip')};  // mean 0, deviation 1",
        "bool kDeltas": f"{_flag(config.deltas)};  // second channel: slopes over five frames",
        "bool kBandCentred": f"{_flag(config.band_centred)};  // last: less each band's mean",
    }
    lines = [f"constexpr {name} = {value}" for name, value in values.items()]
    return header(
        "front_end_tables.h",
        "\n".join(lines) + "\n" + _DECLARATIONS,
        "<cstdint>",
        comment=f"Constants of the front end: {config.describe()}.",
    )


def _tables(front_end: FrontEnd) -> str:
    config = front_end.config
    bank = filter_bank(config)
    cosine = np.cos(2 * np.pi * np.arange(config.n_fft // 2 + 1) / config.n_fft)
    # An empty array is no C++.
    weights = bank.weights if bank.weights.size else np.zeros(1, np.float32)
    arrays: dict[str, NDArray[Any]] = {
        "float kWindow": analysis_window(config).astype(np.float32),
        "float kCosine": cosine.astype(np.float32),
        "std::uint16_t kBandStart": bank.start,
        "std::uint16_t kBandCount": np.diff(bank.offsets),
        "float kBandWeights": weights,
    }
    body = "\n".join(
        f"const {name}[{values.size}] = {{\n{c_rows(values)}\n}};"
        for name, values in arrays.items()
    )
    return source(body, '"front_end_tables.h"')


def _flag(value: bool) -> str:
    return "true" if value else "false"
