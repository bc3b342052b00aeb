#pragma once

#include <deque>
#include <list>
#include <utility>
#include <vector>

#include "core/ports/host.hpp"
#include "core/runtime/core.hpp"

namespace junctor::test {

/// A host without sockets: keeps what listeners register, so that tests call the factories themselves. Outlives the watches it has given.
class FakeHost final : public Host {
public:
    struct Watched {
        CoreId core;
        int descriptor;
        std::function<void()> readable;  ///< call it to say that the descriptor is
    };

    explicit FakeHost(std::uint16_t cores = 1) noexcept : cores_(cores) {}

    void serve_streams(const Address& address, StreamFactory factory) override { streams.emplace_back(address, std::move(factory)); }
    void serve_http(const Address& address, HttpRoute route) override { http.emplace_back(address, std::move(route)); }
    void serve_websocket(const Address& address, WebSocketRoute route) override { websockets.emplace_back(address, std::move(route)); }
    Address bound(const Address& address) const override { return {address.host, address.port == 0 ? std::uint16_t{40'000} : address.port}; }
    std::uint16_t core_count() const noexcept override { return cores_; }
    void post(CoreId core, std::function<void(Core&)> task) override { posted.emplace_back(core, std::move(task)); }
    std::unique_ptr<DescriptorWatch> watch(Core& core, int descriptor, std::function<void()> readable) override {
        watches.push_back({core.id(), descriptor, std::move(readable)});
        return std::make_unique<Watch>(watches);
    }

    std::vector<std::pair<Address, StreamFactory>> streams;
    std::vector<std::pair<Address, HttpRoute>> http;
    std::vector<std::pair<Address, WebSocketRoute>> websockets;
    std::deque<std::pair<CoreId, std::function<void(Core&)>>> posted;  ///< tasks for the test to run
    std::list<Watched> watches;                                       ///< in force

private:
    class Watch final : public DescriptorWatch {
    public:
        explicit Watch(std::list<Watched>& all) noexcept : all_(all), mine_(std::prev(all.end())) {}
        ~Watch() override { all_.erase(mine_); }

    private:
        std::list<Watched>& all_;
        std::list<Watched>::iterator mine_;
    };

    std::uint16_t cores_;
};

}  // namespace junctor::test
