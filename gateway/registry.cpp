#include "gateway/registry.hpp"
