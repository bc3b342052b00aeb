#include "core/store/envelope_record.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;

struct EnvelopeRecord : testing::Test {
    ClockPair clocks() const { return {clock.now(), clock.wall()}; }

    Ref<Principal> publisher() const {
        Ref<Principal> principal(new Principal(TenantId{3}, "sensor-1"));
        principal->tenant_name = "acme";
        principal->groups = {"plant", "night shift"};
        principal->attributes = {{"email", "a@b"}, {"sub", ""}};
        return principal;
    }

    Draft draft() {
        Draft made;
        made.topic = *Topic::parse(TenantId{3}, "plant/1/temperature");
        made.payload = as_bytes("21.5");
        made.qos = Qos::exactly_once;
        made.retain = true;
        return made;
    }

    std::unique_ptr<Extras> extras() const {
        auto made = std::make_unique<Extras>();
        made->content_type = "text/plain";
        made->headers = {{"a", "1"}, {"b", ""}, {"a", "2"}};
        made->reply_to = "answers/1";
        made->correlation = {0, 1, 255};
        made->dedup_key = "d-1";
        made->trace = "00-1-2-3";
        made->hops = "plant-1,broker.example:1883";
        made->is_text = true;
        return made;
    }

    EnvelopePtr envelope(Draft&& from, PrincipalRef by) const {
        return Envelope::make(std::move(from), {{7, {2}, 99}, SessionId::make({2}, 1, 1), std::move(by), clock.now()});
    }

    ByteBuffer written(const EnvelopePtr& from) const {
        ByteBuffer bytes;
        append_envelope(bytes, *from, clocks());
        return bytes;
    }

    EnvelopePtr read(Bytes bytes) const { return EnvelopeDecoder(clocks()).decode(bytes); }

    test::FakeClock clock;
};

TEST_F(EnvelopeRecord, KeepsEverythingButThePublishingSession) {
    Draft full = draft();
    full.ttl = 90s;
    full.kind = Kind::request;
    full.extras = extras();
    const EnvelopePtr before = envelope(std::move(full), publisher());
    const EnvelopePtr after = read(written(before));
    ASSERT_TRUE(after);
    EXPECT_EQ(after->topic_text(), before->topic_text());
    EXPECT_EQ(after->topic().tenant(), TenantId{3});
    EXPECT_EQ(after->topic().hash(), before->topic().hash());
    EXPECT_EQ(as_text(after->payload()), "21.5");
    EXPECT_EQ(after->id(), before->id());
    EXPECT_EQ(after->qos(), Qos::exactly_once);
    EXPECT_EQ(after->kind(), Kind::request);
    EXPECT_TRUE(after->retain());
    EXPECT_FALSE(after->origin());
    EXPECT_EQ(after->published_at(), before->published_at());
    EXPECT_EQ(after->expires_at(), before->expires_at());
    ASSERT_TRUE(after->publisher());
    EXPECT_EQ(after->publisher()->name, "sensor-1");
    EXPECT_EQ(after->publisher()->tenant, TenantId{3});
    EXPECT_TRUE(after->publisher()->same(*publisher()));
    const Extras expected = *extras();
    ASSERT_TRUE(after->extras());
    EXPECT_EQ(after->extras()->content_type, expected.content_type);
    EXPECT_EQ(after->extras()->headers, expected.headers);
    EXPECT_EQ(after->extras()->reply_to, expected.reply_to);
    EXPECT_EQ(after->extras()->correlation, expected.correlation);
    EXPECT_EQ(after->extras()->dedup_key, expected.dedup_key);
    EXPECT_EQ(after->extras()->trace, expected.trace);
    EXPECT_EQ(after->extras()->hops, expected.hops);
    EXPECT_TRUE(after->extras()->is_text);
}

TEST_F(EnvelopeRecord, APlainMessageStaysPlain) {
    const EnvelopePtr after = read(written(envelope(draft(), nullptr)));
    ASSERT_TRUE(after);
    EXPECT_FALSE(after->publisher());
    EXPECT_FALSE(after->extras());
    EXPECT_FALSE(after->expires());
}

TEST_F(EnvelopeRecord, ExpiryRunsOnByCivilTimeWhileTheProcessIsAway) {
    Draft mortal = draft();
    mortal.ttl = 90s;
    const ByteBuffer bytes = written(envelope(std::move(mortal), nullptr));
    // The machine was started again: its monotonic clock is at ten seconds, and a minute has passed.
    const TimePoint now{10s};
    const EnvelopePtr after = EnvelopeDecoder({now, clock.wall() + 60s}).decode(bytes);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->expires_at(), now + 30s);
    EXPECT_EQ(after->published_at(), now - 60s);
    const EnvelopePtr late = EnvelopeDecoder({now, clock.wall() + 120s}).decode(bytes);
    ASSERT_TRUE(late);
    EXPECT_TRUE(late->expired(now));
}

TEST_F(EnvelopeRecord, NoMessageIsFromTheFutureWhenTheClockWasSetBack) {
    const EnvelopePtr after = EnvelopeDecoder({clock.now(), clock.wall() - 24h}).decode(written(envelope(draft(), nullptr)));
    ASSERT_TRUE(after);
    EXPECT_EQ(after->published_at(), clock.now());
}

TEST_F(EnvelopeRecord, PublishersThatFollowEachOtherAreMadeOnce) {
    const ByteBuffer bytes = written(envelope(draft(), publisher()));
    EnvelopeDecoder decoder(clocks());
    const EnvelopePtr first = decoder.decode(bytes);
    const EnvelopePtr second = decoder.decode(bytes);
    EXPECT_EQ(first->publisher(), second->publisher());
}

TEST_F(EnvelopeRecord, EveryShorterRecordIsNone) {
    Draft full = draft();
    full.extras = extras();
    const ByteBuffer bytes = written(envelope(std::move(full), publisher()));
    for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(read(Bytes(bytes).first(size))) << size;
    ByteBuffer longer = bytes;
    longer.push_back(0);
    EXPECT_FALSE(read(longer));
}

TEST_F(EnvelopeRecord, AnotherVersionIsRefused) {
    ByteBuffer bytes = written(envelope(draft(), nullptr));
    bytes[0] = 2;
    EXPECT_FALSE(read(bytes));
}

TEST_F(EnvelopeRecord, AnyNumbersDoNoHarm) {
    Draft full = draft();
    full.extras = extras();
    full.ttl = 1s;
    const ByteBuffer bytes = written(envelope(std::move(full), publisher()));
    test::SeededRandom random(1);
    for (int round = 0; round < 20'000; ++round) {
        ByteBuffer changed = bytes;
        for (int flips = 0; flips < 3; ++flips) changed[random.below(changed.size())] = static_cast<std::uint8_t>(random.next());
        if (const EnvelopePtr after = read(changed)) {
            ByteBuffer again;
            append_envelope(again, *after, clocks());
            EXPECT_TRUE(read(again));
        }
    }
}

}  // namespace
}  // namespace junctor
