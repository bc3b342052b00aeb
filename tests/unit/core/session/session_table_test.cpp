#include "core/session/session_table.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "tests/support/fake_session.hpp"
#include "tests/support/seeded_random.hpp"

namespace junctor {
namespace {

using test::FakeSession;

TEST(SessionTable, FindsByIdAndName) {
    SessionTable table(CoreId{3});
    FakeSession named("robot");
    FakeSession unnamed;
    table.add(named);
    table.add(unnamed);
    EXPECT_EQ(named.id().core(), CoreId{3});
    EXPECT_EQ(table.find(named.id()), &named);
    EXPECT_EQ(table.find(unnamed.id()), &unnamed);
    EXPECT_EQ(table.find({}, "robot"), &named);
    EXPECT_EQ(table.find(TenantId{1}, "robot"), nullptr);
    EXPECT_EQ(table.find({}, ""), nullptr);
    EXPECT_EQ(table.size(), 2u);
}

TEST(SessionTable, ForgetsWhatLeft) {
    SessionTable table(CoreId{0});
    FakeSession first("robot");
    table.add(first);
    const SessionId id = first.id();
    table.remove(first);
    EXPECT_EQ(table.find(id), nullptr);
    EXPECT_EQ(table.find({}, "robot"), nullptr);
    FakeSession second("robot");
    table.add(second);
    EXPECT_EQ(second.id().slot(), id.slot());
    EXPECT_EQ(table.find(id), nullptr) << "an id is never given twice";
    EXPECT_EQ(table.find(SessionId{}), nullptr);
    EXPECT_EQ(table.find(SessionId::make(CoreId{1}, second.id().generation(), second.id().slot())), nullptr);
}

TEST(SessionTable, LeavesTheNameToAnother) {
    SessionTable table(CoreId{0});
    FakeSession kept("robot");
    FakeSession connection("robot");
    table.add(kept);
    table.add(connection, Naming::unnamed);
    EXPECT_EQ(table.find({}, "robot"), &kept);
    EXPECT_EQ(table.find(connection.id()), &connection);
    table.remove(connection);
    EXPECT_EQ(table.find({}, "robot"), &kept);
    table.remove(kept);
    EXPECT_EQ(table.find({}, "robot"), nullptr);
}

TEST(SessionTable, KeepsNamesThroughRandomChanges) {
    test::SeededRandom random(7);
    SessionTable table(CoreId{0});
    std::deque<FakeSession> sessions;
    for (int i = 0; i < 300; ++i) sessions.emplace_back("name" + std::to_string(i), "p", TenantId{static_cast<std::uint32_t>(i % 3)});
    for (int step = 0; step < 20'000; ++step) {
        FakeSession& session = sessions[random.below(sessions.size())];
        session.id() ? table.remove(session) : table.add(session);
        FakeSession& other = sessions[random.below(sessions.size())];
        ASSERT_EQ(table.find(other.principal()->tenant, other.name()), other.id() ? &other : nullptr);
    }
}

}  // namespace
}  // namespace junctor
