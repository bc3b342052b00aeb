#pragma once

#include <memory>
#include <optional>
#include <string>

#include "policy/policy.hpp"
#include "tests/support/fake_client.hpp"
#include "tests/support/rule_authorizer.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor {

using namespace std::chrono_literals;
using test::FakeClient;
using test::FakeSession;
using test::RuleAuthorizer;
using test::TestCluster;
using Outcome = Verdict::Outcome;
using Texts = std::vector<std::string>;

inline constexpr Qos qos1 = Qos::at_least_once;
inline constexpr Qos qos2 = Qos::exactly_once;
inline constexpr SessionTerms kept{1h, false};
inline constexpr SessionTerms fresh{1h, true};

inline std::shared_ptr<Policy> ruled(RuleAuthorizer::Rule rule) {
    auto policy = std::make_shared<Policy>();
    policy->authorizers.push_back(std::make_shared<RuleAuthorizer>(std::move(rule)));
    return policy;
}

/// A client that connects again and again under one name.
struct Sleeper {
    Sleeper(TestCluster& its_cluster, std::string its_name = "sleeper") : cluster(its_cluster), name(std::move(its_name)) {}
    FakeClient& connect(const SessionTerms& terms = kept, const std::string& principal = "tester") {
        client.reset();
        return client.emplace(cluster, name, terms, principal);
    }
    FakeSession& operator*() { return **client; }
    FakeSession* operator->() { return &**client; }

    TestCluster& cluster;
    std::string name;
    std::optional<FakeClient> client;
};

}  // namespace junctor
