// Runs the golden inputs through TensorFlow Lite Micro and compares its outputs with the golden
// ones. Exit code: 0 equal, 1 different, 2 the model could not be run.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "golden_input.h"
#include "golden_output.h"
#include "model_data.h"
#include "model_operators.h"
#include "model_settings.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace dssd {
namespace {

alignas(16) std::uint8_t g_arena[kArenaBytes];

int Fail(const char* reason) {
  std::fprintf(stderr, "%s\n", reason);
  return 2;
}

int Run() {
  ModelOperatorResolver resolver;
  if (!AddModelOperators(resolver)) return Fail("an operator could not be registered");
  MicroInterpreter interpreter(::tflite::GetModel(kModelData), resolver, g_arena, kArenaBytes);
  if (interpreter.AllocateTensors() != kTfLiteOk) {
    return Fail("AllocateTensors failed: is kArenaBytes large enough?");
  }
  if (interpreter.input(0)->bytes != kInputSize || interpreter.output(0)->bytes != kOutputSize) {
    return Fail("the model has other inputs or outputs than model_settings.h says");
  }
  int different = 0;
  for (int n = 0; n < kGoldenCount; ++n) {
    // The input's memory may be used again by later tensors: fill it before every run.
    std::memcpy(interpreter.input(0)->data.int8, kGoldenInput[n], kInputSize);
    if (interpreter.Invoke() != kTfLiteOk) return Fail("Invoke failed");
    const std::int8_t* const output = interpreter.output(0)->data.int8;
    int largest = 0, best = 0;
    for (int i = 0; i < kOutputSize; ++i) {
      const int difference = std::abs(output[i] - kGoldenOutput[n][i]);
      if (difference > largest) largest = difference;
      if (output[i] > output[best]) best = i;
    }
    const bool equal = largest <= kGoldenTolerance;
    std::printf("golden vector %d: %s, largest difference %d, %s\n", n,
                equal ? "equal" : "DIFFERENT", largest, kClassNames[best]);
    if (!equal) ++different;
  }
  std::printf("arena: %lu of %lu bytes used\n",
              static_cast<unsigned long>(interpreter.arena_used_bytes()),
              static_cast<unsigned long>(kArenaBytes));
  std::printf("%d golden vectors, %d different\n", kGoldenCount, different);
  return different == 0 ? 0 : 1;
}

}  // namespace
}  // namespace dssd

int main() { return dssd::Run(); }
