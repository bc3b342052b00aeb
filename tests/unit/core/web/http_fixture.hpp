#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/observe/metrics.hpp"
#include "core/ports/http.hpp"
#include "core/ports/mailbox.hpp"
#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"
#include "core/session/session_table.hpp"
#include "core/store/journal.hpp"
#include "core/web/http_connection.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_stream.hpp"
#include "tests/support/seeded_random.hpp"

namespace junctor::web {

/// One connection on a fake stream, with a clock that the test moves.
class HttpFixture : public ::testing::Test {
protected:
    struct NoMail final : Mailbox {
        void post(CoreId, Mail&&) noexcept override {}
    };

    static std::string get(const std::string& path, const std::string& fields = "") {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
    }

    static std::string post(const std::string& path, const std::string& body) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    void connect() {
        stream = std::make_unique<test::FakeStream>(core);
        stream->attach(std::make_unique<HttpConnection>(*stream, std::make_shared<LiveRoutes>(routes)));
    }

    void route(std::string method, std::string prefix, HttpHandler handler, HttpHandler admit = {}) {
        routes->http.push_back({std::move(method), std::move(prefix), std::move(handler), std::move(admit), {}});
    }

    /// A route that answers with method, path and body.
    void echo(std::string method, std::string prefix) {
        route(std::move(method), std::move(prefix), [](std::shared_ptr<HttpExchange> exchange) {
            const HttpRequest& request = exchange->request();
            exchange->respond(HttpResponse(200, "text/plain", request.method + " " + request.path + " " + std::string(as_text(request.body))));
        });
    }

    void receive(std::string_view text) { stream->receive(text); }

    /// What was sent since the last call.
    std::string sent() {
        const std::string text(as_text(stream->sent));
        stream->sent.clear();
        return text;
    }

    /// Time passes; the stream's deadline fires when it is reached.
    void pass(Duration time) {
        clock.advance(time);
        core.begin_round();
        if (stream->deadline == Duration::zero() || stream->deadline > time) return;
        stream->deadline = Duration::zero();
        stream->handler().timed_out();
    }

    test::FakeClock clock;
    test::SeededRandom random{1};
    TimerWheel timers{clock.now()};
    SessionTable sessions{CoreId{0}};
    NoMail mailbox;
    Journal journal{CoreId{0}, nullptr};
    Metrics metrics;
    Limits limits;
    Core core{{CoreId{0}, 1, clock, random, timers, sessions, mailbox, journal, metrics, limits}};
    std::shared_ptr<HttpRoutes> routes = std::make_shared<HttpRoutes>();
    std::unique_ptr<test::FakeStream> stream;
};

}  // namespace junctor::web
