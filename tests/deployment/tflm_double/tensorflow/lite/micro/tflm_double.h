// A double of TensorFlow Lite Micro for main.cc: the same names and signatures, but the outputs
// are looked up among the golden vectors instead of computed. DOUBLE_ERROR flips bits of the first
// output of the last vector; DOUBLE_ARENA is what AllocateTensors asks for; DOUBLE_MICRO puts the
// classes into tflite::micro, as versions since 2026 have them.
#ifndef TFLM_DOUBLE_H_
#define TFLM_DOUBLE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "golden_input.h"
#include "golden_output.h"
#include "model_settings.h"

#ifndef DOUBLE_ERROR
#define DOUBLE_ERROR 0
#endif
#ifndef DOUBLE_ARENA
#define DOUBLE_ARENA 1
#endif

namespace tflite {

struct Model {
  const void* data;
};
inline const Model* GetModel(const void* data) {
  static Model model;
  model.data = data;
  return std::memcmp(static_cast<const char*>(data) + 4, "TFL3", 4) == 0 ? &model : nullptr;
}

#ifdef DOUBLE_MICRO
namespace micro {
#endif

enum TfLiteStatus { kTfLiteOk = 0, kTfLiteError = 1 };

struct TfLiteTensor {
  union {
    std::int8_t* int8;
    float* f;
  } data;
  std::size_t bytes;
};

class MicroResourceVariables;
class MicroProfilerInterface;

class MicroOpResolver {
 public:
  virtual ~MicroOpResolver() {}
};

template <unsigned int kSize>
class MicroMutableOpResolver : public MicroOpResolver {
 public:
#define DOUBLE_ADD(name) \
  TfLiteStatus name() { return count_++ < kSize ? kTfLiteOk : kTfLiteError; }
  DOUBLE_ADD(AddAdd)
  DOUBLE_ADD(AddAveragePool2D)
  DOUBLE_ADD(AddConv2D)
  DOUBLE_ADD(AddFullyConnected)
  DOUBLE_ADD(AddMaxPool2D)
  DOUBLE_ADD(AddMean)
  DOUBLE_ADD(AddReshape)
 private:
  unsigned int count_ = 0;
};

class MicroInterpreter {
 public:
  MicroInterpreter(const Model* model, const MicroOpResolver&, std::uint8_t*, std::size_t size,
                   MicroResourceVariables* = nullptr, MicroProfilerInterface* = nullptr,
                   bool = false)
      : fits_(model != nullptr && size >= DOUBLE_ARENA) {
    input_.data.int8 = in_;
    input_.bytes = sizeof(in_);
    output_.data.int8 = out_;
    output_.bytes = sizeof(out_);
  }
  TfLiteStatus AllocateTensors() { return fits_ ? kTfLiteOk : kTfLiteError; }
  TfLiteTensor* input(std::size_t) { return &input_; }
  TfLiteTensor* output(std::size_t) { return &output_; }
  std::size_t arena_used_bytes() const { return DOUBLE_ARENA; }
  TfLiteStatus Invoke() {
    for (int n = 0; n < dssd::kGoldenCount; ++n) {
      if (std::memcmp(in_, dssd::kGoldenInput[n], sizeof(in_)) != 0) continue;
      std::memcpy(out_, dssd::kGoldenOutput[n], sizeof(out_));
      if (n == dssd::kGoldenCount - 1) out_[0] = static_cast<std::int8_t>(out_[0] ^ DOUBLE_ERROR);
      std::memset(in_, 0, sizeof(in_));  // the arena is used again
      return kTfLiteOk;
    }
    return kTfLiteError;
  }

 private:
  bool fits_;
  std::int8_t in_[dssd::kInputSize];
  std::int8_t out_[dssd::kOutputSize];
  TfLiteTensor input_, output_;
};

#ifdef DOUBLE_MICRO
}  // namespace micro
#endif
}  // namespace tflite

#endif  // TFLM_DOUBLE_H_
