#include "core/runtime/timer_wheel.hpp"
