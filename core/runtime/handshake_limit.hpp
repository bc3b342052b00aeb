#pragma once

#include "core/runtime/timer_wheel.hpp"

namespace junctor {

class TcpStream;

/// Ends a connection that is not authenticated in time. Lives only until then.
class HandshakeLimit final : public Timer {
public:
    explicit HandshakeLimit(TcpStream& stream) noexcept : stream_(stream) {}
    void expired(TimePoint now) noexcept override;

private:
    TcpStream& stream_;
};

}  // namespace junctor
