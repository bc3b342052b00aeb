#pragma once

#include <cassert>

#include "connectors/mqtt/reason_code.hpp"

namespace junctor::mqtt {

/// A value, or the reason code that says why the bytes are none. (`Result` would take a packet that begins with a reason
/// code for its error.)
template <class T>
class Decoded {
public:
    Decoded(const T& value) noexcept : value_(value) {}
    Decoded(ReasonCode error) noexcept : error_(error) { assert(is_failure(error)); }

    explicit operator bool() const noexcept { return error_ == ReasonCode::success; }
    ReasonCode error() const noexcept { return error_; }
    const T& operator*() const noexcept { return value_; }
    const T* operator->() const noexcept { return &value_; }

private:
    T value_{};
    ReasonCode error_ = ReasonCode::success;
};

}  // namespace junctor::mqtt
