// Computes the features of the golden clip and compares them with the first golden input. Needs
// no TensorFlow Lite Micro. Exit code: 0 equal but for rounding, 1 different.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "front_end.h"
#include "golden_audio.h"
#include "golden_input.h"
#include "model_settings.h"

namespace {

float g_log_mel[dssd::kFrames * dssd::kBands];
std::int8_t g_features[dssd::kInputSize];

// In float, values near the middle between two steps may fall to either side.
constexpr int kLargestStep = 1;
constexpr double kLargestShare = 0.01;

}  // namespace

int main() {
  dssd::LogMel(dssd::kGoldenAudio, g_log_mel);
  dssd::FinishFeatures(g_log_mel, dssd::kInputScale, dssd::kInputZeroPoint, g_features);
  int largest = 0, different = 0;
  for (int i = 0; i < dssd::kInputSize; ++i) {
    const int difference = std::abs(g_features[i] - dssd::kGoldenInput[0][i]);
    if (difference > largest) largest = difference;
    if (difference > 0) ++different;
  }
  std::printf("front end: %d of %d features differ, by at most %d steps\n", different,
              dssd::kInputSize, largest);
  return largest <= kLargestStep && different <= kLargestShare * dssd::kInputSize ? 0 : 1;
}
