// Log-mel features of one clip, as dssd_tf computes them for training.
//
// Frames are centred: outside of the clip its samples are mirrored at the first and the last one.
// Arithmetic is float: log-mels and features equal those of training within 1e-4, but for bands
// five decades of power and more under a frame's loudest, where rounding shows: by 0.01 in
// recordings, by up to 0.1 in clipped square waves. Scratch memory is static, so a program has one
// front end and calls it from one thread.
#ifndef DSSD_FRONT_END_H_
#define DSSD_FRONT_END_H_

#include <cstdint>

#include "front_end_tables.h"

namespace dssd {

// log10 of the mel power of a clip of kClipSamples samples, to log_mel[kFrames * kBands], a frame
// after the other. 16-bit samples are divided by 32768, float ones lie in [-1, 1].
void LogMel(const std::int16_t* samples, float* log_mel);
void LogMel(const float* samples, float* log_mel);

// One frame, for programs that compute while they record: kFftSize samples in [-1, 1], centred on
// the sample frame * kHopLength of the clip, to log_mel[kBands].
void LogMelFrame(const float* samples, float* log_mel);

// Standardises log_mel[kFrames * kBands] in place and adds deltas and centred bands, as the recipe
// says:
// features[kFrames * kBands * kChannels], channels innermost.
void FinishFeatures(float* log_mel, float* features);

// The same straight to the model's int8 input: round(value / scale + zero_point), clipped.
void FinishFeatures(float* log_mel, float scale, int zero_point, std::int8_t* features);

}  // namespace dssd

#endif  // DSSD_FRONT_END_H_
