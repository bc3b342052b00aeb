#include "core/runtime/blocking_stream.hpp"
