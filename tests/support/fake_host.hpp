#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "core/ports/host.hpp"

namespace junctor::test {

/// A host without sockets: keeps what listeners register, so that tests call the factories themselves.
class FakeHost final : public Host {
public:
    explicit FakeHost(std::uint16_t cores = 1) noexcept : cores_(cores) {}

    void serve_streams(const Address& address, StreamFactory factory) override { streams.emplace_back(address, std::move(factory)); }
    void serve_http(const Address& address, HttpRoute route) override { http.emplace_back(address, std::move(route)); }
    void serve_websocket(const Address& address, WebSocketRoute route) override { websockets.emplace_back(address, std::move(route)); }
    Address bound(const Address& address) const override { return {address.host, address.port == 0 ? std::uint16_t{40'000} : address.port}; }
    std::uint16_t core_count() const noexcept override { return cores_; }
    void post(CoreId core, std::function<void(Core&)> task) override { posted.emplace_back(core, std::move(task)); }
    std::unique_ptr<DescriptorWatch> watch(Core&, int, std::function<void()> readable) override {
        watches.push_back(std::move(readable));
        return std::make_unique<DescriptorWatch>();
    }

    std::vector<std::pair<Address, StreamFactory>> streams;
    std::vector<std::pair<Address, HttpRoute>> http;
    std::vector<std::pair<Address, WebSocketRoute>> websockets;
    std::deque<std::pair<CoreId, std::function<void(Core&)>>> posted;  ///< tasks for the test to run
    std::vector<std::function<void()>> watches;                       ///< call one to say that its descriptor is readable

private:
    std::uint16_t cores_;
};

}  // namespace junctor::test
