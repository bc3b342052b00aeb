#include "connectors/rest/event_id.hpp"

#include <gtest/gtest.h>

namespace junctor::rest {
namespace {

TEST(RestEventId, ReadsWhatItWrites) {
    for (const EventId id : {EventId{0, 1}, EventId{0xabcdef, 17}, EventId{UINT64_MAX, UINT64_MAX}}) EXPECT_EQ(event_id_in(to_string(id)), id);
    EXPECT_EQ(to_string(EventId{0x1f, 30}), "1f-30");
}

TEST(RestEventId, AnythingElseIsNone) {
    for (const char* text : {"", "-", "1", "1-", "-1", "x-1", "1-x", "1-2-3", " 1-2", "1-18446744073709551616", "10000000000000000-1"})
        EXPECT_FALSE(event_id_in(text)) << text;
}

}  // namespace
}  // namespace junctor::rest
