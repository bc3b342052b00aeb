#pragma once

#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/ports/client.hpp"
#include "core/runtime/blocking_stream.hpp"

namespace junctor::web {

/// An absolute URL of `http`, `https`, `ws` or `wss`, as command-line clients take it.
struct Url {
    std::string scheme;
    std::string host;  ///< an IPv6 address without its brackets
    std::string port;  ///< the scheme's own where none is written
    std::string path;  ///< with the query; empty where nothing is written

    /// Throws ClientError.
    static Url parse(std::string_view text);

    bool secure() const noexcept { return scheme == "https" || scheme == "wss"; }
    /// As it stands in `Host`.
    std::string authority() const;
};

/// Where and how to connect for this URL.
BlockingStream::Options stream_options(const Url& url, const ClientOptions& options);

/// `Authorization: Basic` for the options' user; no header without one.
std::vector<Header> authorization(const ClientOptions& options);

}  // namespace junctor::web
