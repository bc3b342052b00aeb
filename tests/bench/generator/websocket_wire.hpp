#pragma once

#include <memory>
#include <string>

#include "tests/bench/generator/wire.hpp"

namespace bench {

/// RFC 6455 around another wire: the upgrade, masked frames out, unmasked frames in.
class WebSocketWire final : public Wire {
public:
    enum class Payload : unsigned char { text = 1, binary = 2 };

    WebSocketWire(std::unique_ptr<Wire> inner, Payload payload, const Options& options);

    void append_hello(std::string& out) override;
    void append_subscribe(std::string_view filter, std::string& out) override;
    void append_publish(std::string_view topic, std::string_view payload, std::string& out) override;
    std::size_t consume(std::string_view input, std::string& out, WireEvents& events) override;

private:
    std::size_t consume_upgrade(std::string_view input, std::string& out, WireEvents& events);
    void on_frame(std::string_view payload, std::string& out, WireEvents& events);
    void append_frame(unsigned char opcode, std::string_view payload, std::string& out) const;

    std::unique_ptr<Wire> inner_;
    Payload payload_;
    std::string host_;
    std::string path_;
    bool upgraded_ = false;
    std::string stream_;   ///< binary: what a frame left unfinished
    std::string scratch_;  ///< one message on its way into a frame
};

}  // namespace bench
