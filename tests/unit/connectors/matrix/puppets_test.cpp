#include "connectors/matrix/puppets.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace junctor::matrix {
namespace {

using State = Puppets::State;

PrincipalRef principal(const std::string& name) { return PrincipalRef(new Principal({}, name)); }

class MatrixPuppets : public ::testing::Test {
protected:
    MatrixPuppets() { puppets.serve("@gateway:hs.example"); }

    PuppetSettings settings{"canary", "_junctor_", 3};
    Puppets puppets{settings};
};

TEST_F(MatrixPuppets, HaveTheNameOfTheirPrincipalWhateverItIs) {
    EXPECT_EQ(puppets.user_for(principal("alice")), "@_junctor_alice:hs.example");
    EXPECT_EQ(puppets.user_for(principal("Alice")), "@_junctor_=41lice:hs.example");
    EXPECT_EQ(puppets.user_for(principal("a:evil.example")), "@_junctor_a=3aevil.example:hs.example");
    EXPECT_EQ(puppets.user_for(principal("=41lice")), "@_junctor_=3d41lice:hs.example");
    for (const std::string& name : {std::string(), std::string(250, 'x'), std::string(90, ' ')}) EXPECT_EQ(puppets.user_for(principal(name)), "") << name;
    EXPECT_EQ(puppets.user_for(nullptr), "");
}

TEST_F(MatrixPuppets, AreKnownByTheirName) {
    EXPECT_TRUE(puppets.owns("@_junctor_bob:hs.example"));
    for (const char* other : {"", "@bob:hs.example", "@_junctor_bob:other.example", "_junctor_bob:hs.example", "@gateway:hs.example"})
        EXPECT_FALSE(puppets.owns(other)) << other;
    const PuppetSettings none;
    EXPECT_FALSE(Puppets(none).owns("@_junctor_bob:hs.example"));
}

TEST_F(MatrixPuppets, AreOnTheirWayUntilTheyAreInTheRoom) {
    const std::string user = puppets.user_for(principal("alice"));
    EXPECT_EQ(puppets.state(user, "!a"), State::unknown);
    puppets.registered(user);
    EXPECT_EQ(puppets.state(user, "!a"), State::outside);
    puppets.joined(user, "!a");
    EXPECT_EQ(puppets.state(user, "!a"), State::ready);
    EXPECT_EQ(puppets.state(user, "!b"), State::outside);
    puppets.refused(user, "!a");
    EXPECT_EQ(puppets.state(user, "!a"), State::refused);
    puppets.ask_again();
    EXPECT_EQ(puppets.state(user, "!a"), State::outside);
}

/// Threat class 37: whoever may choose names does not fill the homeserver with users, nor the gateway with names.
TEST_F(MatrixPuppets, AreNoMoreThanMayBe) {
    puppets.registered(puppets.user_for(principal("one")));
    puppets.registered(puppets.user_for(principal("two")));
    puppets.refused(puppets.user_for(principal("three")), "!a");
    EXPECT_EQ(puppets.user_for(principal("four")), "");
    EXPECT_EQ(puppets.user_for(principal("one")), "@_junctor_one:hs.example");
}

}  // namespace
}  // namespace junctor::matrix
