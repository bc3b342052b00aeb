#pragma once

#include <string>
#include <string_view>

#include "core/ports/host.hpp"

namespace junctor::zeromq {

/// A subscriber that speaks ZMTP 3.0 by hand (RFC 23) and so may say what libzmq's sockets never do.
class RawSubscriber {
public:
    explicit RawSubscriber(const Address& address);
    ~RawSubscriber();
    RawSubscriber(const RawSubscriber&) = delete;
    RawSubscriber& operator=(const RawSubscriber&) = delete;

    void subscribe(std::string_view prefix) { send_frame('\1', prefix); }
    void unsubscribe(std::string_view prefix) { send_frame('\0', prefix); }

private:
    void send(std::string_view bytes);
    void send_frame(char what, std::string_view prefix);

    int socket_;
};

}  // namespace junctor::zeromq
