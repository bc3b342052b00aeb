// An acl and an independent reading of its rules agree on whatever is asked.

#include "tests/support/acl_reference.hpp"
#include "tests/unit/policy/authorizers/acl/acl_fixture.hpp"

namespace junctor {
namespace {

using test::Asker;
using test::ReferenceAcl;

class AclReference : public test::AclFixture {};

TEST_F(AclReference, AgreesOnTenThousandCases) {
    std::mt19937 random(20261127);
    std::map<Verdict::Outcome, int> seen;
    for (int round = 0; round < 500; ++round) {
        const ReferenceAcl reference = ReferenceAcl::any(random);
        rules(reference.yaml());
        for (int i = 0; i < 20; ++i) {
            const ReferenceAcl::Who who = ReferenceAcl::anybody(random);
            Asker asker(who.user, who.tenant, who.client_id);
            for (const std::string& group : who.groups) asker.in(group);
            for (const auto& [name, value] : who.claims) asker.with(name, value);
            const auto [verb, object] = ReferenceAcl::any_question(random);
            const Verdict::Outcome expected = reference.decide(who, verb, object);
            ++seen[expected];
            ASSERT_EQ(ask(asker, verb, object), expected)
                << reference.yaml() << "\n" << who.user << " of '" << who.tenant << "' as '" << who.client_id << "' " << to_string(verb) << " " << object;
        }
    }
    for (const auto outcome : {Verdict::Outcome::allow, Verdict::Outcome::deny, Verdict::Outcome::abstain})
        EXPECT_GT(seen[outcome], 1'000) << "the cases show something";
}

}  // namespace
}  // namespace junctor
