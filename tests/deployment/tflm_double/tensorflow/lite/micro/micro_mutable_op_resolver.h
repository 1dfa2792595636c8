#include "tensorflow/lite/micro/tflm_double.h"
