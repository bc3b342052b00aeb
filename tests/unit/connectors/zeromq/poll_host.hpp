#pragma once

#include <functional>
#include <list>
#include <vector>

#include "core/ports/host.hpp"

namespace junctor::test {

/// A host that runs one core on the test's own thread: posted tasks and watched descriptors, nothing else.
class PollHost final : public Host {
public:
    explicit PollHost(Core& core) : core_(core) {}

    void serve_streams(const Address&, StreamFactory) override {}
    void serve_http(const Address&, HttpRoute) override {}
    void serve_websocket(const Address&, WebSocketRoute) override {}
    Address bound(const Address& address) const override { return address; }
    std::uint16_t core_count() const noexcept override { return 1; }
    void post(CoreId, std::function<void(Core&)> task) override { tasks_.push_back(std::move(task)); }
    std::unique_ptr<DescriptorWatch> watch(Core&, int descriptor, std::function<void()> readable) override;

    /// Runs until `done`, waiting on the descriptors; false when nothing has made it true in a minute.
    bool run_until(const std::function<bool()>& done);
    /// Runs what is posted and what is readable now. How much there was.
    std::size_t run_once(int wait_ms);
    /// Waits for the descriptor that has been watched last, without telling anybody.
    bool last_becomes_readable(int wait_ms) const;

private:
    struct Watch;
    Core& core_;
    std::vector<std::function<void(Core&)>> tasks_;
    std::list<Watch*> watches_;
};

}  // namespace junctor::test
