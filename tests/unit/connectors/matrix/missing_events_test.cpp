#include "connectors/matrix/missing_events.hpp"

#include <gtest/gtest.h>

namespace junctor::matrix {
namespace {

using nlohmann::json;
using Next = MissingEvents::Next;

class MatrixMissingEvents : public ::testing::Test {
protected:
    MatrixMissingEvents() {
        taken.begin(100);
        taken.take("!r", {"c", 1}, 150, {});
    }
    static RoomEvent event(std::uint64_t number, const std::string& after, std::int64_t at_ms = 200, const std::string& chain = "c", const std::string& id = {}) {
        const json order{{"chain", chain}, {"number", number}, {"after", after}};
        return {id.empty() ? "$" + std::to_string(number) : id, "@two:hs", "junctor.messages", {{order_key, order}}, {}, at_ms};
    }
    Next found(RoomEvent event, std::size_t bytes = 1'000) { return missing.found(std::move(event), bytes, taken); }
    std::vector<std::string> finish() {
        std::vector<std::string> ids;
        for (const MissingEvents::Found& each : missing.finish()) ids.push_back(each.event.id);
        return ids;
    }

    TakenOrder taken;
    MissingEvents missing{"!r", {"c", 4, "$3"}};
};

TEST_F(MatrixMissingEvents, AreFoundOneByOneAndComeInOrder) {
    EXPECT_EQ(missing.wanted(), "$3");
    EXPECT_EQ(found(event(3, "$2")), Next::ask);
    EXPECT_EQ(missing.wanted(), "$2");
    EXPECT_EQ(found(event(2, "$1")), Next::complete);
    EXPECT_EQ(finish(), (std::vector<std::string>{"$2", "$3"}));
}

TEST_F(MatrixMissingEvents, OfWhoeverIsUnknownNothingOlderThanTheGatewayIsTaken) {
    missing = MissingEvents("!r", {"d", 4, "$3"});
    EXPECT_EQ(found(event(3, "$2", 101, "d")), Next::ask);
    EXPECT_EQ(found(event(2, "$1", 100, "d")), Next::complete);
    EXPECT_EQ(finish(), std::vector<std::string>{"$3"});
}

TEST_F(MatrixMissingEvents, ACycleLeadsNowhere) {
    EXPECT_EQ(found(event(3, "$3")), Next::ask);
    EXPECT_EQ(found(event(3, "$3")), Next::broken);
    EXPECT_EQ(finish(), std::vector<std::string>{"$3"});
}

TEST_F(MatrixMissingEvents, NorDoesWhatIsNotTheOneBefore) {
    EXPECT_EQ(found(event(3, "$2", 200, "d")), Next::broken) << "another chain";
    EXPECT_EQ(found(event(3, "$2", 200, "c", "$else")), Next::broken) << "another event than the one asked for";
    EXPECT_EQ(found(event(2, "$2", 200, "c", "$3")), Next::broken) << "another number";
    EXPECT_EQ(found({"$3", "@x:hs", "m.room.message", json::object()}), Next::broken) << "a person's";
    EXPECT_EQ(finish(), std::vector<std::string>{});
}

TEST_F(MatrixMissingEvents, AreBounded) {
    missing = MissingEvents("!r", {"c", 5'000, "$4999"});
    std::uint64_t number = 5'000;
    Next next = Next::ask;
    while (next == Next::ask) {
        --number;
        next = found(event(number, "$" + std::to_string(number - 1)));
    }
    EXPECT_EQ(next, Next::too_many);
    EXPECT_EQ(finish().size(), MissingEvents::most_events);
}

TEST_F(MatrixMissingEvents, InBytesAsWell) {
    EXPECT_EQ(found(event(3, "$2"), MissingEvents::most_bytes), Next::ask);
    EXPECT_EQ(found(event(2, "$1"), 1), Next::too_many);
    EXPECT_EQ(finish(), std::vector<std::string>{"$3"});
}

}  // namespace
}  // namespace junctor::matrix
