#pragma once

#include <vector>

#include "core/ports/client.hpp"
#include "core/ports/url.hpp"
#include "core/runtime/blocking_stream.hpp"

namespace junctor::web {

using junctor::Url;

/// Where and how to connect for this URL.
BlockingStream::Options stream_options(const Url& url, const ClientOptions& options);

/// `Authorization: Basic` for the options' user; no header without one.
std::vector<Header> authorization(const ClientOptions& options);

}  // namespace junctor::web
