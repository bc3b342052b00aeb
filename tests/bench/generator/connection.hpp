#pragma once

#include <memory>
#include <span>
#include <string>

#include "tests/bench/generator/options.hpp"
#include "tests/bench/generator/wire.hpp"

namespace bench {

/// One client's socket and wire. Never blocks after construction. Throws `std::runtime_error` when the connection is lost.
class Connection {
public:
    /// Connects, and puts the wire's first bytes into the output. `events` outlives the connection.
    Connection(const Options& options, const std::string& name, WireEvents& events);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    int descriptor() const noexcept { return descriptor_; }
    bool has_output() const noexcept { return !output_.empty(); }

    void subscribe(std::string_view filter) { wire_->append_subscribe(filter, output_); }
    void publish(std::string_view topic, std::string_view payload) { wire_->append_publish(topic, payload, output_); }

    /// Sends what the socket takes.
    void flush();

    /// Reads once into `buffer`, which connections share, and hands the bytes to the wire.
    void read(std::span<char> buffer);

private:
    int descriptor_;
    std::unique_ptr<Wire> wire_;
    WireEvents& events_;
    std::string output_;
    std::string unfinished_;  ///< the start of a unit whose rest has not come yet
};

}  // namespace bench
