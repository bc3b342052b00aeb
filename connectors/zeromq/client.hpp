#pragma once

#include <memory>

#include "core/ports/client.hpp"

namespace junctor::zeromq {

/// A DEALER at the request door, `zmq://host:port`: everything goes through it and is acknowledged.
std::unique_ptr<Client> make_client(const ClientOptions& options);

}  // namespace junctor::zeromq
