#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>

#include "core/runtime/stream_set.hpp"
#include "core/runtime/tcp_stream.hpp"
#include "tests/support/fake_clock.hpp"

namespace junctor {

/// What a protocol under test saw, kept beyond its end.
struct Seen {
    std::string bytes;  ///< consumed
    std::vector<std::string> calls;  ///< each piece as presented
    int writable = 0;
    int timed_out = 0;
    int arrived = 0;
    int drained = 0;
    std::optional<CloseReason> closed;
};

/// Consumes everything unless told otherwise.
class ScriptedHandler final : public StreamHandler {
public:
    ScriptedHandler(Stream& its_stream, Seen& seen) : stream(its_stream), seen_(seen) {}

    std::size_t received(Bytes bytes) override {
        seen_.calls.emplace_back(as_text(bytes));
        const std::size_t consumed = on_received ? on_received(bytes) : bytes.size();
        seen_.bytes += as_text(bytes.first(consumed));
        return consumed;
    }
    std::size_t receive_limit() const noexcept override { return limit; }
    void writable() override {
        ++seen_.writable;
        if (on_writable) on_writable();
    }
    void timed_out() override { ++seen_.timed_out; }
    void arrived() override { ++seen_.arrived; }
    bool input_ended() override { return answers_later; }
    void drain() override {
        ++seen_.drained;
        stream.close(CloseReason::server_shutdown, {});
    }
    void closed(CloseReason reason) override { seen_.closed = reason; }

    Stream& stream;
    std::function<std::size_t(Bytes)> on_received;
    std::function<void()> on_writable;
    std::size_t limit = 1 << 20;
    bool answers_later = false;

private:
    Seen& seen_;
};

/// The test's end of a connection.
class PeerSocket {
public:
    explicit PeerSocket(int descriptor) : descriptor_(descriptor) { fcntl(descriptor_, F_SETFL, O_NONBLOCK); }
    ~PeerSocket() { close(); }
    PeerSocket(const PeerSocket&) = delete;
    PeerSocket& operator=(const PeerSocket&) = delete;

    void send(std::string_view text) { ASSERT_EQ(::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size())); }
    /// Reads what is there; remembers whether the end was.
    std::string read() {
        std::string text;
        char part[65536];
        for (;;) {
            const ssize_t count = recv(descriptor_, part, sizeof part, 0);
            if (count == 0) ended = true;
            if (count <= 0) return text;
            text.append(part, static_cast<std::size_t>(count));
        }
    }
    void close() {
        if (descriptor_ >= 0) ::close(descriptor_);
        descriptor_ = -1;
    }
    int descriptor() const { return descriptor_; }
    bool ended = false;

private:
    int descriptor_;
};

/// Some cores in one thread, on a fake clock, with connections that are socket pairs.
class StreamFixture : public testing::Test {
public:
    explicit StreamFixture(std::uint16_t cores = 2) : mesh(cores, 64) {
        for (std::uint16_t i = 0; i < cores; ++i) {
            loops.push_back(std::make_unique<EventLoop>(EventLoop::Parts{{i}, clock, limits, mesh}));
            sets.push_back(std::make_unique<StreamSet>(*loops.back(), connections, sets));
        }
    }

    /// A new connection on core 0; `handler` and `seen` are those of the latest one.
    std::unique_ptr<PeerSocket> connect() {
        int pair[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
        auto peer = std::make_unique<PeerSocket>(pair[1]);
        sets[0]->accept(pair[0], *endpoint);
        return peer;
    }

    /// Enough rounds of all cores for everything to come to rest.
    void settle() {
        for (int i = 0; i < 20; ++i)
            for (const auto& loop : loops) loop->run_round();
    }
    void pass(Duration time) {
        clock.advance(time);
        settle();
    }

    test::FakeClock clock;
    Limits limits;
    CoreMesh mesh;
    std::vector<std::unique_ptr<EventLoop>> loops;
    ConnectionCount connections;
    Seen seen;
    ScriptedHandler* handler = nullptr;
    std::function<void(ScriptedHandler&)> prepare;
    std::unique_ptr<Endpoint> endpoint = std::make_unique<Endpoint>(Address{"127.0.0.1", 1}, [this](Stream& stream) {
        seen = Seen();
        auto made = std::make_unique<ScriptedHandler>(stream, seen);
        handler = made.get();
        if (prepare) prepare(*made);
        return made;
    });
    StreamSet::Sets sets;  // ends before the endpoint
};

}  // namespace junctor
