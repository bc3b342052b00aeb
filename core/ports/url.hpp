#pragma once

#include <string>
#include <string_view>

namespace junctor {

/// An absolute URL of `http`, `https`, `ws` or `wss`, as people write it in a configuration or on a command line.
struct Url {
    std::string scheme;
    std::string host;  ///< an IPv6 address without its brackets
    std::string port;  ///< the scheme's own where none is written
    std::string path;  ///< with the query; empty where nothing is written

    /// Throws ClientError: a sentence that quotes the text. What would carry a secret (`user:password@`) is no such URL, and not quoted.
    static Url parse(std::string_view text);

    bool secure() const noexcept { return scheme == "https" || scheme == "wss"; }
    /// As it stands in `Host`.
    std::string authority() const;
    /// `https://host:port`: where it leads, and nothing else of it.
    std::string origin() const { return scheme + "://" + authority(); }
};

}  // namespace junctor
