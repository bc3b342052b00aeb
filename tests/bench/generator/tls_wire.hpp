#pragma once

#include <memory>
#include <string>

#include "tests/bench/generator/wire.hpp"

struct bio_st;
struct ssl_st;

namespace bench {

/// TLS around another wire. Trusts every certificate: what is measured is the server.
class TlsWire final : public Wire {
public:
    explicit TlsWire(std::unique_ptr<Wire> inner);
    ~TlsWire() override;

    void append_hello(std::string& out) override;
    void append_subscribe(std::string_view filter, std::string& out) override;
    void append_publish(std::string_view topic, std::string_view payload, std::string& out) override;
    std::size_t consume(std::string_view input, std::string& out, WireEvents& events) override;

private:
    bool shake_hands();
    void encrypt(std::string& out);
    void drain(std::string& out);

    std::unique_ptr<Wire> inner_;
    ssl_st* ssl_;
    bio_st* from_peer_;
    bio_st* to_peer_;
    std::string stream_;   ///< decrypted bytes that make no whole unit yet
    std::string scratch_;  ///< plain bytes on their way out
};

}  // namespace bench
