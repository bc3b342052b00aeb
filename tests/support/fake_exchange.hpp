#pragma once

#include <functional>
#include <utility>

#include "core/ports/http.hpp"

namespace junctor::test {

/// One HTTP request and what the gateway answers, without HTTP on a wire. Whoever makes it says how the client behaves.
class FakeExchange final : public HttpExchange {
public:
    FakeExchange(Core& core, HttpRequest asked) : core_(core), request_(std::move(asked)) {}

    void add_header(std::string name, std::string value) { request_.headers.push_back({std::move(name), std::move(value)}); }

    const HttpRequest& request() const noexcept override { return request_; }
    Core& core() const noexcept override { return core_; }
    void admit_body() noexcept override { admitted = true; }
    void respond(HttpResponse response) noexcept override {
        head = std::move(response);
        complete = true;
    }
    void begin(HttpResponse response) noexcept override {
        head = std::move(response);
        begun = true;
    }
    void write(Bytes start, const SharedSlice& tail) noexcept override {
        if (is_closed) return;
        append(written, start);
        append(written, tail.bytes);
        if (stalled) unread += start.size() + tail.bytes.size();
    }
    void finish() noexcept override { complete = true; }
    void abort(CloseReason) noexcept override { complete = true; }
    std::size_t queued() const noexcept override { return unread; }
    bool wants_more() const noexcept override { return !stalled; }
    void on_closed(std::function<void()> told) override { closed_ = std::move(told); }
    void on_writable(std::function<void()> told) override { writable_ = std::move(told); }
    void on_drain(std::function<void()> told) override { drain_ = std::move(told); }

    /// The client goes.
    void close() {
        is_closed = true;
        if (const auto told = std::exchange(closed_, nullptr); told && !complete) told();
    }
    void drain() {
        if (const auto told = std::exchange(drain_, nullptr); told && !complete) told();
    }
    void unstall() {
        stalled = false;
        unread = 0;
        if (writable_ && !complete) writable_();
    }

    /// Of an answer that is complete; else 0.
    unsigned status() const noexcept { return complete ? head.status : 0; }

    HttpResponse head;
    bool admitted = false;
    bool begun = false;
    bool complete = false;
    bool is_closed = false;
    bool stalled = false;
    ByteBuffer written;
    std::size_t unread = 0;

private:
    Core& core_;
    HttpRequest request_;
    std::function<void()> closed_;
    std::function<void()> writable_;
    std::function<void()> drain_;
};

}  // namespace junctor::test
