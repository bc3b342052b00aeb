#pragma once

#include <boost/system/result.hpp>

namespace junctor {

/// A value or the error code that says why there is none. Each area has one `errc` enum of its own.
template <class T>
using Result = boost::system::result<T>;

using ErrorCode = boost::system::error_code;

}  // namespace junctor
