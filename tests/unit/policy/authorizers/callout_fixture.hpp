#pragma once

#include <gtest/gtest.h>

#include "core/config/load.hpp"
#include "policy/plugin.hpp"
#include "tests/support/outbound_recorder.hpp"
#include "tests/support/lone_core.hpp"

namespace junctor {

using namespace std::chrono_literals;
using Outcome = Verdict::Outcome;

/// An authorizer that asks elsewhere, made from its configuration, and the server that the test plays.
class CalloutTest : public ::testing::Test {
protected:
    explicit CalloutTest(std::string type) : type_(std::move(type)) {
        principal->groups = {"staff", "night \"shift\""};
        principal->attributes["team"] = "blue";
    }

    PolicyParts parts() {
        return {.clock = lone.clock,
                .post = [this](CoreId, std::function<void(Core&)> task) { posted.push_back(std::move(task)); },
                .changed = {},
                .metrics = [this](CoreId) -> Metrics& { return lone.metrics; },
                .outbound = &outbound,
                .directory = {},
                .tenants = {},
                .name = "service"};
    }

    /// `more`: fields in YAML flow style, `path: a, timeout: 2s`. Throws what a bad one throws.
    void make(const std::string& more = {}) {
        for (const AuthorizerDescriptor& each : authorizer_descriptors())
            if (each.name == type_)
                authorizer = each.make(config::load_text("{url: 'https://policy.example/base'" + (more.empty() ? "" : ", " + more) + "}", each.fields, {"test", {}}), parts());
    }

    void ask(Verb verb = Verb::publish, std::string_view object = "a/b") {
        const PrincipalRef who = principal;
        authorizer->authorize({who, verb, object, "phone", "mqtt", CoreId{2}}, [this](Verdict verdict) { verdicts.push_back(std::move(verdict)); });
        run_posted();
    }
    void run_posted() {
        for (const auto& task : std::exchange(posted, {})) task(lone.core);
    }
    /// What the service's answer comes to.
    Verdict judged(unsigned status, std::string_view body) {
        verdicts.clear();
        ask();
        outbound.answer(status, body);
        EXPECT_EQ(verdicts.size(), 1U);
        return verdicts.empty() ? Verdict() : verdicts.front();
    }
    /// No answer at all: what is configured for that.
    bool is_no_answer(unsigned status, std::string_view body) { return judged(status, body).rule.starts_with("service: no answer, "); }

    test::LoneCore lone;
    test::OutboundRecorder outbound;
    Ref<Principal> principal{new Principal({}, "ada")};
    std::shared_ptr<Authorizer> authorizer;
    std::vector<std::function<void(Core&)>> posted;
    std::vector<Verdict> verdicts;

private:
    const std::string type_;
};

}  // namespace junctor
