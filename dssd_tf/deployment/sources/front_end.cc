#include "front_end.h"

#include <cmath>

namespace dssd {
namespace {

constexpr int kHalf = kFftSize / 2;
constexpr float kDeviationFloor = 1e-6f;

float g_frame[kFftSize];   // samples, then kHalf complex values
float g_power[kHalf + 1];  // power of the bins

// The transform e^(-2 pi i k / kFftSize), k in [0, kHalf): its parts are one table of cosines.
float TwiddleReal(int k) { return kCosine[k]; }
float TwiddleImaginary(int k) {
  const int quarter = kFftSize / 4;
  return -kCosine[k < quarter ? quarter - k : k - quarter];
}

// In-place radix-2 transform of kHalf complex values (Cooley & Tukey, 1965).
void ComplexTransform(float* z) {
  for (int i = 1, j = 0; i < kHalf; ++i) {
    int bit = kHalf >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      const float real = z[2 * i], imaginary = z[2 * i + 1];
      z[2 * i] = z[2 * j];
      z[2 * i + 1] = z[2 * j + 1];
      z[2 * j] = real;
      z[2 * j + 1] = imaginary;
    }
  }
  for (int length = 2; length <= kHalf; length *= 2) {
    const int stride = kFftSize / length;
    for (int k = 0; k < length / 2; ++k) {
      const float wr = TwiddleReal(k * stride), wi = TwiddleImaginary(k * stride);
      for (int at = k; at < kHalf; at += length) {
        float* const a = z + 2 * at;
        float* const b = a + length;
        const float real = b[0] * wr - b[1] * wi, imaginary = b[0] * wi + b[1] * wr;
        b[0] = a[0] - real;
        b[1] = a[1] - imaginary;
        a[0] += real;
        a[1] += imaginary;
      }
    }
  }
}

// Power of the bins of g_frame, whose even and odd samples are one complex sequence.
void PowerSpectrum() {
  float* const z = g_frame;
  ComplexTransform(z);
  for (int k = 0; k <= kHalf; ++k) {
    const int a = k % kHalf, b = (kHalf - k) % kHalf;
    const float even_real = (z[2 * a] + z[2 * b]) / 2;
    const float even_imaginary = (z[2 * a + 1] - z[2 * b + 1]) / 2;
    const float odd_real = (z[2 * a + 1] + z[2 * b + 1]) / 2;
    const float odd_imaginary = (z[2 * b] - z[2 * a]) / 2;
    const float wr = k < kHalf ? TwiddleReal(k) : -1.0f;
    const float wi = k < kHalf ? TwiddleImaginary(k) : 0.0f;
    const float real = even_real + odd_real * wr - odd_imaginary * wi;
    const float imaginary = even_imaginary + odd_real * wi + odd_imaginary * wr;
    g_power[k] = real * real + imaginary * imaginary;
  }
}

// log_mel[kBands] of the windowed samples in g_frame.
void MelOfFrame(float* log_mel) {
  PowerSpectrum();
  const float* weight = kBandWeights;
  for (int band = 0; band < kBands; ++band) {
    const float* const power = g_power + kBandStart[band];
    float sum = 0;
    for (int i = 0; i < kBandCount[band]; ++i) sum += power[i] * *weight++;
    log_mel[band] = std::log10(sum + kLogOffset);
  }
}

float Scaled(std::int16_t sample) { return static_cast<float>(sample) / 32768; }
float Scaled(float sample) { return sample; }

template <class Sample>
void LogMelOf(const Sample* samples, float* log_mel) {
  for (int frame = 0; frame < kFrames; ++frame) {
    const int first = frame * kHopLength - kHalf;
    for (int i = 0; i < kFftSize; ++i) {
      int at = first + i;
      if (at < 0) at = -at;
      if (at >= kClipSamples) at = 2 * (kClipSamples - 1) - at;
      g_frame[i] = Scaled(samples[at]) * kWindow[i];
    }
    MelOfFrame(log_mel + frame * kBands);
  }
}

// The slope over five frames at (frame, band), edges replicated: (2 far + near) / 10.
float Slope(const float* values, int frame, int band) {
  const auto at = [=](int offset) {
    int row = frame + offset;
    row = row < 0 ? 0 : row >= kFrames ? kFrames - 1 : row;
    return values[row * kBands + band];
  };
  return (2 * (at(2) - at(-2)) + (at(1) - at(-1))) / 10;
}

// Means of the bands over the clip.
float g_band_mean[kBands];

void TakeBandMeans(const float* values) {
  for (int band = 0; band < kBands; ++band) {
    double sum = 0;
    for (int frame = 0; frame < kFrames; ++frame) sum += values[frame * kBands + band];
    g_band_mean[band] = static_cast<float>(sum / kFrames);
  }
}

struct Moments {
  double mean;
  double deviation;
};

// Mean and unbiased deviation of value(frame, band), in double: a clip has many values.
template <class Value>
Moments MomentsOf(Value value) {
  constexpr int count = kFrames * kBands;
  double sum = 0, squares = 0;
  for (int i = 0; i < count; ++i) sum += value(i / kBands, i % kBands);
  const double mean = sum / count;
  for (int i = 0; i < count; ++i) {
    const double centred = value(i / kBands, i % kBands) - mean;
    squares += centred * centred;
  }
  const double deviation = std::sqrt(squares / (count > 1 ? count - 1 : 1));
  return {mean, deviation > kDeviationFloor ? deviation : kDeviationFloor};
}

// Calls store(index, value) for every feature.
template <class Store>
void Finish(float* log_mel, Store store) {
  if (kStandardize) {
    const auto level = MomentsOf([=](int f, int b) { return log_mel[f * kBands + b]; });
    for (int i = 0; i < kFrames * kBands; ++i) {
      log_mel[i] = static_cast<float>((log_mel[i] - level.mean) / level.deviation);
    }
  }
  Moments slope{0, 1};
  if (kDeltas && kStandardize) {
    slope = MomentsOf([=](int f, int b) { return Slope(log_mel, f, b); });
  }
  Moments centred{0, 1};
  if (kBandCentred) TakeBandMeans(log_mel);
  if (kBandCentred && kStandardize) {
    centred = MomentsOf([=](int f, int b) { return log_mel[f * kBands + b] - g_band_mean[b]; });
  }
  for (int frame = 0; frame < kFrames; ++frame) {
    for (int band = 0; band < kBands; ++band) {
      const int at = frame * kBands + band;
      store(at * kChannels, log_mel[at]);
      if (kDeltas) {
        const double value = (Slope(log_mel, frame, band) - slope.mean) / slope.deviation;
        store(at * kChannels + 1, static_cast<float>(value));
      }
      if (kBandCentred) {
        const double value = (log_mel[at] - g_band_mean[band] - centred.mean) / centred.deviation;
        store(at * kChannels + kChannels - 1, static_cast<float>(value));
      }
    }
  }
}

}  // namespace

void LogMel(const std::int16_t* samples, float* log_mel) { LogMelOf(samples, log_mel); }
void LogMel(const float* samples, float* log_mel) { LogMelOf(samples, log_mel); }

void LogMelFrame(const float* samples, float* log_mel) {
  for (int i = 0; i < kFftSize; ++i) g_frame[i] = samples[i] * kWindow[i];
  MelOfFrame(log_mel);
}

void FinishFeatures(float* log_mel, float* features) {
  Finish(log_mel, [=](int at, float value) { features[at] = value; });
}

void FinishFeatures(float* log_mel, float scale, int zero_point, std::int8_t* features) {
  Finish(log_mel, [=](int at, float value) {
    const float step = std::nearbyint(value / scale + static_cast<float>(zero_point));
    features[at] = static_cast<std::int8_t>(step < -128 ? -128 : step > 127 ? 127 : step);
  });
}

}  // namespace dssd
