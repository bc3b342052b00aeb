#include "policy/revocations.hpp"

#include "core/store/record.hpp"
#include "policy/authentication_chain.hpp"
#include "policy/recovery.hpp"
#include "tests/unit/policy/sleeper.hpp"

namespace junctor {
namespace {

constexpr WallTime now{std::chrono::seconds(1'700'000'000)};

Ref<Principal> bearer(std::string id, std::optional<WallTime> issued = now - 60s, std::string name = "ada", TenantId tenant = {}) {
    Ref<Principal> principal(new Principal(tenant, std::move(name)));
    principal->token = std::make_unique<TokenMark>(TokenMark{std::move(id), issued});
    return principal;
}

Revocation of_token(std::string id, std::optional<TenantId> tenant = {}) { return {Revocation::Kind::token, tenant, std::move(id), now, now + 1h}; }
Revocation of_principal(std::string name, TenantId tenant = {}) { return {Revocation::Kind::principal, tenant, std::move(name), now, now + 1h}; }

using test::ModelStore;

class RevocationsTest : public testing::Test {
protected:
    bool add(Revocation revocation, WallTime at = now) { return revocations.add(revocation, at, ended); }

    Revocations revocations;
    std::vector<std::string> ended;
};

TEST_F(RevocationsTest, ATokenDoesNotCountUntilItWouldHaveEnded) {
    EXPECT_FALSE(revocations.cover(*bearer("one"), now));
    EXPECT_TRUE(add(of_token("one")));
    EXPECT_TRUE(revocations.cover(*bearer("one"), now));
    EXPECT_FALSE(revocations.cover(*bearer("two"), now));
    EXPECT_FALSE(revocations.cover(*bearer(""), now));
    EXPECT_FALSE(revocations.cover(*bearer("one"), now + 1h));
}

TEST_F(RevocationsTest, OfATenantItReachesNoFurther) {
    add(of_token("one", TenantId{7}));
    EXPECT_TRUE(revocations.cover(*bearer("one", now, "ada", TenantId{7}), now));
    EXPECT_FALSE(revocations.cover(*bearer("one"), now));
}

TEST_F(RevocationsTest, OfAPrincipalWhateverWasIssuedUpToThen) {
    add(of_principal("ada"));
    EXPECT_TRUE(revocations.cover(*bearer("one", now), now));
    EXPECT_TRUE(revocations.cover(*bearer("one", std::nullopt), now)) << "nobody knows";
    EXPECT_FALSE(revocations.cover(*bearer("one", now + 1s), now + 1s));
    EXPECT_FALSE(revocations.cover(*bearer("one", now, "bob"), now));
    EXPECT_FALSE(revocations.cover(*bearer("one", now, "ada", TenantId{7}), now));
    EXPECT_FALSE(revocations.cover(*Ref<Principal>(new Principal({}, "ada")), now)) << "who showed no token shows again who it is";
}

TEST_F(RevocationsTest, SaidTwiceItHoldsForTheLongerTime) {
    add(of_token("one"));
    Revocation shorter = of_token("one");
    shorter.until = now + 1s;
    EXPECT_TRUE(revocations.add(shorter, now, ended));
    EXPECT_EQ(shorter.until, now + 1h);
    EXPECT_EQ(revocations.size(), 1U);
}

TEST_F(RevocationsTest, ThereAreSoManyAtMostAndWhatIsOverMakesRoom) {
    for (std::size_t n = 0; n < Revocations::most; ++n) ASSERT_TRUE(add(of_token(std::to_string(n))));
    EXPECT_FALSE(add(of_token("more")));
    EXPECT_TRUE(add(of_token("5"))) << "it stands already";
    EXPECT_TRUE(ended.empty());
    EXPECT_TRUE(add(of_token("later"), now + 2h));
    EXPECT_EQ(ended.size(), Revocations::most);
    EXPECT_EQ(revocations.size(), 1U);
}

TEST_F(RevocationsTest, WhatHoldsForLongerIsNews) {
    Revocation said = of_token("one");
    EXPECT_FALSE(revocations.holds(said));
    add(said);
    EXPECT_TRUE(revocations.holds(said));
    said.until += 1s;
    EXPECT_FALSE(revocations.holds(said));
    said.until -= 1h;
    EXPECT_TRUE(revocations.holds(said));
    said.at += 1s;
    EXPECT_FALSE(revocations.holds(said));
}

TEST_F(RevocationsTest, ARecordComesBack) {
    for (const Revocation& each : {of_token("one"), of_token("one", TenantId{7}), of_principal(std::string(255, 'x'), TenantId{9})}) {
        const ByteBuffer record = each.record();
        const std::optional<Revocation> read = Revocation::read(record);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->key(), each.key());
        EXPECT_EQ(read->at, each.at);
        EXPECT_EQ(read->until, each.until);
        EXPECT_FALSE(Revocation::read(Bytes(record).first(record.size() - 1)));
    }
    EXPECT_NE(of_token("one").key(), of_token("one", TenantId{}).key());
    EXPECT_NE(of_token("one").key(), of_principal("one").key());
}

/// Several cores that share what is revoked.
struct Shared {
    explicit Shared(std::uint16_t cores, ModelStore* store = nullptr)
        : cluster(cores, 1, ruled([](const Principal&, Verb, std::string_view) { return Outcome::allow; }), {}, store) {}
    void revoke(Revocation revocation) {
        revocation.at = cluster.clock.wall();
        revocation.until = revocation.at + 1h;
        ASSERT_TRUE(cluster.gate(0).revoke(*bearer("admin"), revocation, [this] { ++kept; }));
    }

    int kept = 0;  ///< so many would survive a crash
    TestCluster cluster;
};

/// Open on one of the cores; of nobody's name.
struct Open {
    Open(Shared& it, std::size_t core, PrincipalRef who) {
        session.set_principal(std::move(who));
        session.close_through = &it.cluster.gate(core);
        opened = it.cluster.gate(core).open(session, {}).has_value();
    }
    FakeSession session{""};
    bool opened;
};

TEST(Threat7, ARevokedTokenEndsItsSessionsOnAllCoresAndOpensNone) {
    Shared it(3);
    const WallTime before = it.cluster.clock.wall() - 60s;
    Open first(it, 0, bearer("one", before)), second(it, 2, bearer("one", before)), other(it, 1, bearer("two", before));
    it.revoke(of_token("one"));
    EXPECT_FALSE(Open(it, 1, bearer("one", before)).opened) << "at once";
    it.cluster.advance(1s);
    EXPECT_EQ(first.session.closed, CloseReason::not_authorized);
    EXPECT_EQ(second.session.closed, CloseReason::not_authorized);
    EXPECT_EQ(second.session.closed_text, "the credentials have been revoked");
    EXPECT_FALSE(other.session.closed);
    EXPECT_FALSE(it.cluster.gate(1).renew(other.session, bearer("one", before)));
}

TEST(Threat7, OfARevokedPrincipalNobodyStaysHoweverItCameIn) {
    Shared it(2);
    const auto by_password = [] { return PrincipalRef(Ref<Principal>(new Principal({}, "ada"))); };
    Open token(it, 0, bearer("one", it.cluster.clock.wall())), password(it, 1, by_password()), other(it, 1, bearer("x", {}, "bob"));
    it.revoke(of_principal("ada"));
    it.cluster.advance(1s);
    EXPECT_TRUE(token.session.closed);
    EXPECT_TRUE(password.session.closed);
    EXPECT_FALSE(other.session.closed);
    Open again(it, 1, by_password());
    EXPECT_TRUE(again.opened);
    Open newer(it, 0, bearer("newer", it.cluster.clock.wall()));
    EXPECT_TRUE(newer.opened);
    it.revoke(of_token("somebody else's"));
    it.cluster.advance(1s);
    EXPECT_FALSE(again.session.closed) << "that was before it came";
}

TEST(Threat7, ASleepingSessionStaysAndItsConnectionGoes) {
    Shared it(1);
    FakeClient sleeper(it.cluster, "sleeper", kept, "ada");
    it.revoke(of_principal("ada"));
    EXPECT_EQ(it.kept, 1) << "there is no store to wait for";
    it.cluster.advance(1s);
    EXPECT_TRUE(sleeper->closed);
    EXPECT_EQ(it.cluster.gate().durable_sessions().size(), 1U);
}

TEST(Threat7, WhatIsRevokedIsInTheStoreUntilItIsOver) {
    ModelStore store;
    {
        Shared it(1, &store);
        it.revoke(of_token("one"));
        it.cluster.settle();
        EXPECT_EQ(it.kept, 0) << "a crash would forget it";
        it.cluster.commit();
        EXPECT_EQ(it.kept, 1);
    }
    ModelStore after(std::move(store).crash());
    Recovery recovery(after, 1, [](TenantId, std::string_view) { return CoreId{}; }, ClockPair{});
    std::vector<Revocation> found = recovery.take_revocations();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(recovery.unreadable(), 0U);
    Shared again(1, &after);
    again.cluster.gate().restore(found);
    EXPECT_TRUE(again.cluster.revocations->cover(*bearer("one", {}), again.cluster.clock.wall()));
    found.front().until = again.cluster.clock.wall();
    Shared third(1);
    third.cluster.gate().restore(found);
    EXPECT_EQ(third.cluster.revocations->size(), 0U);
}

}  // namespace
}  // namespace junctor
