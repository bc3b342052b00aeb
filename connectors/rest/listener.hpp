#pragma once

#include <memory>
#include <vector>

#include "connectors/rest/desk.hpp"
#include "core/ports/listener.hpp"

namespace junctor::rest {

/// Role 1: HTTP clients publish, ask, read and listen.
class RestListener final : public Listener, public std::enable_shared_from_this<RestListener> {
public:
    explicit RestListener(Settings settings);

    void open(Host& host) override;
    std::vector<Endpoint> endpoints(const Host& host) const override;
    std::vector<Address> addresses() const override { return {settings_.address}; }

private:
    using Handler = void (Desk::*)(const std::shared_ptr<HttpExchange>&);

    HttpHandler handler(Handler handle);
    Desk& desk_of(Core& core);

    Settings settings_;
    std::vector<std::unique_ptr<Desk>> desks_;  ///< one per core, each made and used on its own core only
};

}  // namespace junctor::rest
