#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "core/ports/http.hpp"

namespace junctor::test {

/// A request that a test makes, and what the gateway answers.
class FakeExchange final : public HttpExchange {
public:
    FakeExchange(Core& core, HttpRequest asked) : core_(core), request_(std::move(asked)) {}

    const HttpRequest& request() const noexcept override { return request_; }
    Core& core() const noexcept override { return core_; }
    void admit_body() noexcept override { admitted = true; }
    void respond(HttpResponse response) noexcept override {
        if (!answer) answer = std::move(response);
    }
    void begin(HttpResponse head) noexcept override { answer = std::move(head); }
    void write(Bytes head, const SharedSlice& tail) noexcept override {
        append(written, head);
        append(written, tail.bytes);
    }
    void finish() noexcept override { finished = true; }
    void abort(CloseReason) noexcept override { aborted = true; }
    std::size_t queued() const noexcept override { return unread; }
    bool wants_more() const noexcept override { return unread == 0; }
    void on_closed(std::function<void()> told) override { closed_ = std::move(told); }
    void on_writable(std::function<void()> told) override { writable_ = std::move(told); }
    void on_drain(std::function<void()> told) override { drain_ = std::move(told); }

    /// The client goes.
    void close() {
        if (const auto told = std::exchange(closed_, nullptr)) told();
    }
    /// It has read what was written.
    void read() {
        unread = 0;
        if (const auto told = writable_) told();
    }
    void drain() {
        if (const auto told = std::exchange(drain_, nullptr)) told();
    }
    unsigned status() const noexcept { return answer ? answer->status : 0; }

    std::optional<HttpResponse> answer;
    ByteBuffer written;
    std::size_t unread = 0;  ///< the test says how much the client has not read
    bool admitted = false;
    bool finished = false;
    bool aborted = false;

private:
    Core& core_;
    HttpRequest request_;
    std::function<void()> closed_;
    std::function<void()> writable_;
    std::function<void()> drain_;
};

}  // namespace junctor::test
