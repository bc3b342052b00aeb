#include "connectors/matrix/service_door.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_exchange.hpp"
#include "tests/support/fake_host.hpp"
#include "tests/support/lone_core.hpp"

namespace junctor::matrix {
namespace {

using Texts = std::vector<std::string>;

/// The gateway as an application service, before and while its backend runs.
class MatrixServiceDoor : public ::testing::Test {
protected:
    MatrixServiceDoor() { door->open(host); }

    static BackendSettings settings() {
        BackendSettings settings;
        settings.room = "#shared:hs";
        settings.rooms = {{"own", "!own:hs"}, {"a/b", "#_j_a=2fb:hs"}};
        settings.listen = {{"127.0.0.1", 9'500}, "http://127.0.0.1:9500", "canary", "junctor-1"};
        return settings;
    }
    void start() {
        door->start([](const std::function<void()>& task) { task(); },
                    [this](const std::string& id, const PushedEvents& events, Transactions::Answer answer) {
                        taken.push_back(id + ' ' + std::to_string(events->size()));
                        answers.push_back(std::move(answer));
                    });
    }
    const HttpRoute& route(const std::string& method, const std::string& path) const {
        for (const auto& [address, each] : host.http)
            if (each.method == method && (each.prefix.ends_with('/') ? path.starts_with(each.prefix) : path == each.prefix)) return each;
        throw std::out_of_range(path);
    }
    std::shared_ptr<test::FakeExchange> ask(const std::string& method, const std::string& path, const std::string& token = "Bearer canary",
                                            const std::string& body = {}, const std::string& query = {}) {
        HttpRequest request;
        request.method = method;
        request.path = "/_matrix/app/v1" + path;
        request.query = query;
        if (!token.empty()) request.headers.push_back({"Authorization", token});
        append(request.body, body);
        const auto exchange = std::make_shared<test::FakeExchange>(lone.core, std::move(request));
        route(method, exchange->request().path).handler(exchange);
        return exchange;
    }
    std::shared_ptr<test::FakeExchange> push(const std::string& id, const std::string& body = R"({"events":[]})") {
        return ask("PUT", "/transactions/" + id, "Bearer canary", body);
    }
    void run_posted() {
        for (auto& [core, task] : std::exchange(host.posted, {})) task(lone.core);
    }

    test::LoneCore lone;
    test::FakeHost host;
    std::shared_ptr<ServiceDoor> door = std::make_shared<ServiceDoor>(settings());
    Texts taken;
    std::vector<Transactions::Answer> answers;
};

TEST_F(MatrixServiceDoor, IsAtItsAddressAlone) {
    ASSERT_EQ(host.http.size(), 4U);
    for (const auto& [address, each] : host.http) EXPECT_EQ(address.text(), "127.0.0.1:9500");
}

TEST_F(MatrixServiceDoor, NobodyWithoutTheTokenGetsIn) {
    start();
    for (const char* path : {"/users/%40junctor-1%3Ahs", "/rooms/%23shared%3Ahs"}) EXPECT_EQ(ask("GET", path, "")->status(), 401U) << path;
    for (const char* token : {"", "Basic canary", "Bearer", "Bearer ", "canary"}) EXPECT_EQ(ask("PUT", "/transactions/1", token, R"({"events":[]})")->status(), 401U) << token;
    for (const char* token : {"Bearer canar", "Bearer canary2", "Bearer Canary", "Bearer canary "})
        EXPECT_EQ(ask("POST", "/ping", token)->status(), 403U) << token;
    EXPECT_EQ(as_text(ask("POST", "/ping", "Bearer other")->head.body).find("canary"), std::string_view::npos);
    EXPECT_EQ(taken, Texts{});
}

TEST_F(MatrixServiceDoor, ATokenInTheQueryIsNotEnoughAndMustNotBeAnother) {
    EXPECT_EQ(ask("POST", "/ping", "", {}, "access_token=canary")->status(), 401U);
    EXPECT_EQ(ask("POST", "/ping", "bearer canary", {}, "access_token=canary")->status(), 200U);
    EXPECT_EQ(ask("POST", "/ping", "Bearer canary", {}, "access_token=other")->status(), 403U);
}

TEST_F(MatrixServiceDoor, AStrangersLargeBodyIsNotRead) {
    const HttpRoute& push = route("PUT", "/_matrix/app/v1/transactions/1");
    EXPECT_EQ(push.most_body, ServiceDoor::most_body);
    for (const auto& [token, admitted] : std::vector<std::pair<std::string, bool>>{{"Bearer other", false}, {"Bearer canary", true}}) {
        HttpRequest request;
        request.headers.push_back({"Authorization", token});
        const auto exchange = std::make_shared<test::FakeExchange>(lone.core, std::move(request));
        push.admit(exchange);
        EXPECT_EQ(exchange->admitted, admitted);
        EXPECT_EQ(exchange->status(), admitted ? 0U : 403U);
    }
}

TEST_F(MatrixServiceDoor, ATransactionIsAnsweredWhenItIsTaken) {
    start();
    const auto first = push("a%2Fb", R"({"events":[{"event_id":"$1","type":"m.room.message","room_id":"!own:hs","content":{}},{"no":"event"}]})");
    const auto second = push("2");
    EXPECT_EQ(taken, (Texts{"a/b 1", "2 0"}));
    EXPECT_EQ(first->status(), 0U);
    answers[0](true);
    answers[1](false);
    EXPECT_EQ(first->status(), 0U) << "on another core";
    run_posted();
    EXPECT_EQ(first->status(), 200U);
    EXPECT_EQ(as_text(first->head.body), "{}");
    EXPECT_EQ(second->status(), 503U);
}

TEST_F(MatrixServiceDoor, WhatIsNoTransactionIsRefused) {
    start();
    for (const char* body : {"", "[]", "{}", R"({"events":{}})", "\xff"}) EXPECT_EQ(push("1", body)->status(), 400U) << body;
    std::string many = R"({"events":[{})";
    for (std::size_t i = 0; i < most_pushed; ++i) many += ",{}";
    EXPECT_EQ(push("1", many + "]}")->status(), 400U);
    EXPECT_EQ(push("1", R"({"events":)" + std::string(200, '[') + std::string(200, ']') + "}")->status(), 400U);
    EXPECT_EQ(push("")->status(), 400U);
    EXPECT_EQ(push(std::string(256, 'a'))->status(), 400U);
    EXPECT_EQ(push("%zz")->status(), 400U);
    EXPECT_EQ(taken, Texts{});
}

TEST_F(MatrixServiceDoor, TheHomeserverComesAgainWhereNobodyIsInside) {
    EXPECT_EQ(push("1")->status(), 503U);
    start();
    door->stop();
    EXPECT_EQ(push("1")->status(), 503U);
    EXPECT_EQ(taken, Texts{});
}

/// Threat class 37: somebody who asks for a room or a user makes neither.
TEST_F(MatrixServiceDoor, Threat37NothingIsMadeBecauseSomebodyAsksForIt) {
    start();
    EXPECT_EQ(ask("GET", "/users/%40junctor-1%3Ahs")->status(), 200U);
    EXPECT_EQ(ask("GET", "/users/%40junctor-12%3Ahs")->status(), 404U);
    EXPECT_EQ(ask("GET", "/users/%40_junctor_alice%3Ahs")->status(), 404U);
    EXPECT_EQ(ask("GET", "/rooms/%23_j_a%3D2fb%3Ahs")->status(), 200U);
    EXPECT_EQ(ask("GET", "/rooms/%23_j_other%3Ahs")->status(), 404U);
    EXPECT_EQ(taken, Texts{});
    EXPECT_TRUE(host.posted.empty());
}

}  // namespace
}  // namespace junctor::matrix
