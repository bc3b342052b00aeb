#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "tests/support/fake_client.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor::test {

/// What those keep whose backend can.
HistoryRulesPtr histories_under_test();

/// Two gateways that a backend joins, or, with a backend that lives on every core, one that stands for both: clients cannot tell.
class JoinedGateways {
public:
    virtual ~JoinedGateways() = default;
    virtual BackendTraits traits() const = 0;
    /// Whether a receipt says that nobody listens.
    virtual bool counts_receivers() const { return true; }
    virtual TestCluster& gateway(std::size_t index) = 0;
    /// Lets things happen until `done`; false where it never comes about.
    virtual bool until(const std::function<bool()>& done) = 0;
    /// Cuts that gateway off from the other, and joins it again; false where nothing can come between them.
    virtual bool cut(std::size_t) { return false; }
    virtual void join(std::size_t) {}
    /// Lets everything happen that is under way, as far as anybody can know.
    virtual void settle() = 0;
};

/// One way to join two gateways.
struct BackendUnderTest {
    std::string name;
    std::uint64_t seeds;  ///< so many are tried
    std::function<std::unique_ptr<JoinedGateways>(std::uint64_t seed)> make;
    std::vector<std::string> differs = {};   ///< the tests that its server cannot pass: its README says why
    std::vector<std::string> in_short = {};  ///< the tests that run also without `JUNCTOR_LONG`; none: all
};

inline void PrintTo(const BackendUnderTest& backend, std::ostream* out) { *out << backend.name; }

std::vector<BackendUnderTest> backends_under_test();

}  // namespace junctor::test
