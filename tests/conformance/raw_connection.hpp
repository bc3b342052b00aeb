#pragma once

#include <string>
#include <string_view>

#include "core/base/clock.hpp"

namespace junctor::test {

/// A plain TCP connection for bytes that no client library would send. Failures to connect are test failures.
class RawConnection {
public:
    static constexpr Duration patience = std::chrono::seconds(10);

    /// `endpoint`: `127.0.0.1:4711`. `receive_buffer`: bytes that the kernel may hold for it; 0: as usual.
    explicit RawConnection(const std::string& endpoint, int receive_buffer = 0);
    ~RawConnection();
    RawConnection(const RawConnection&) = delete;
    RawConnection& operator=(const RawConnection&) = delete;

    /// False when the peer has closed.
    bool send(std::string_view bytes);
    /// Everything until the peer closes or `patience` is over; `closed` tells which.
    std::string receive_until_closed();
    /// Until `marker` has come, or as above.
    std::string receive_until(std::string_view marker);
    bool closed() const noexcept { return closed_; }

private:
    bool receive_some(std::string& to);

    int descriptor_;
    bool closed_ = false;
};

}  // namespace junctor::test
