#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tests/bench/generator/options.hpp"

namespace bench {

/// What a wire finds in the bytes that arrive.
class WireEvents {
public:
    virtual ~WireEvents() = default;
    virtual void on_ready() = 0;  ///< the session is open: one may subscribe and publish
    virtual void on_subscribed() = 0;
    virtual void on_acknowledged() {}  ///< the server has taken one more of our QoS 1 or 2 messages
    virtual void on_message(std::string_view message) = 0;  ///< the payload, or a text that contains it; valid during the call
};

/// One client's side of a protocol, without I/O. Bytes to send are appended to a string.
class Wire {
public:
    virtual ~Wire() = default;
    /// The first bytes after the transport has connected.
    virtual void append_hello(std::string& out) = 0;
    virtual void append_subscribe(std::string_view filter, std::string& out) = 0;
    virtual void append_publish(std::string_view topic, std::string_view payload, std::string& out) = 0;
    /// Takes whole units from `input` and returns how many bytes they had. May append answers to `out`.
    /// Throws `std::runtime_error` when the server says something that ends the run.
    virtual std::size_t consume(std::string_view input, std::string& out, WireEvents& events) = 0;
};

/// `name` is the client id where the protocol has one.
std::unique_ptr<Wire> make_wire(const Options& options, const std::string& name);

}  // namespace bench
