#pragma once

#include <vector>

#include "core/ports/client.hpp"
#include "core/ports/url.hpp"
#include "core/runtime/blocking_stream.hpp"

namespace junctor::web {

using junctor::Url;

/// Where and how to connect for this URL.
BlockingStream::Options stream_options(const Url& url, const ClientOptions& options);

/// `Authorization: Bearer` for the options' token, `Basic` for their user; no header without either.
std::vector<Header> authorization(const ClientOptions& options);

}  // namespace junctor::web
