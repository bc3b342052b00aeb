#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "policy/secrets/scram_keys.hpp"

namespace junctor {

/// The server's side of SCRAM (RFC 5802, RFC 7677), without channel binding: messages in, messages out, no I/O.
///
/// In this order: `begin` with the client's first message tells the name, `challenge` with that user's keys (or a decoy's) makes the
/// answer, `finish` with the client's last message tells whether it has proven to know the password.
class ScramExchange {
public:
    /// `nonce`: this side's part, printable ASCII without commas, new each time.
    ScramExchange(Digest digest, std::string nonce) : digest_(digest), nonce_(std::move(nonce)) {}

    /// nullopt: not a first message, or one that wants what is not offered (channel binding, to act for somebody else).
    std::optional<std::string> begin(std::string_view message);
    std::string challenge(ScramKeys keys);
    /// The server's last message, which proves to the client that this side knows the keys; nullopt: not proven.
    std::optional<std::string> finish(std::string_view message) const;

private:
    bool proves(Bytes proof, std::string_view auth_message) const;

    Digest digest_;
    std::string nonce_;         ///< from `begin` on: the client's and this side's
    std::string header_;        ///< gs2-header
    std::string client_first_;  ///< bare
    std::string server_first_;
    ScramKeys keys_;
};

}  // namespace junctor
