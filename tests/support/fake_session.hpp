#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/ports/gate.hpp"
#include "core/ports/session.hpp"
#include "core/ports/template.hpp"

namespace junctor::test {

/// A session that writes down what it is told. Its encoding is the payload; its variants can be chosen.
class FakeSession final : public Session {
public:
    struct Delivered {
        std::string topic;
        std::string payload;
        Qos qos;
        bool retain;
        std::vector<std::uint32_t> subscription_ids;
        std::string encoded;  ///< prefix and body of the template it was shown
        EnvelopePtr envelope;
        std::uint64_t sequence = 0;
        Repeat repeat = Repeat::no;
    };

    struct Settled {
        Token token;
        Errc code;
        std::uint32_t matches;
        std::string reason;
        std::vector<Errc> each;
        std::vector<HistoryOutcome> history = {};
    };

    struct Answered {
        Token token;
        EnvelopePtr reply;
    };

    explicit FakeSession(std::string session_name = {}, std::string principal_name = "tester", TenantId tenant = {});

    std::string_view protocol() const noexcept override { return "fake"; }
    std::string_view name() const noexcept override { return name_; }
    WireVariant variant(const SubscribeOptions& options) const noexcept override;
    void encode(const Envelope& envelope, WireVariant variant, Template& out) const noexcept override;
    DeliverResult deliver(const Delivery& delivery) noexcept override;
    bool accepts(Qos) const noexcept override { return window > 0; }
    bool durable() const noexcept override { return is_durable; }
    bool away() const noexcept override { return is_away; }
    std::vector<HandedBack> hand_back() noexcept override { return std::move(unacknowledged); }
    void released(std::uint64_t sequence) noexcept override { releases.push_back(sequence); }
    void settled(Token token, const Receipt& receipt) noexcept override;
    void answered(Token token, const EnvelopePtr& reply) noexcept override;
    void history_read(Token, const HistoryPage& page) noexcept override { pages.push_back(page); }
    void close(CloseReason reason, std::string_view text) noexcept override;
    void hold(bool waits) noexcept override { held += waits ? 1 : -1; }
    void revoked(const TopicFilter& filter, std::string_view) noexcept override { revoked_filters.push_back(filter.canonical()); }

    /// The payloads delivered, in order.
    std::vector<std::string> payloads() const;
    /// The last settlement of `token`; nullptr without one.
    const Settled* settlement(std::uint64_t token) const;

    std::vector<Delivered> deliveries;
    std::vector<Settled> settlements;
    std::vector<Answered> answers;
    std::vector<HistoryPage> pages;
    std::vector<std::uint64_t> releases;  ///< sequences
    std::vector<std::string> revoked_filters;
    std::optional<CloseReason> closed;
    std::string closed_text;
    mutable int encodings = 0;
    std::uint16_t wire_bits = 0;                        ///< sessions with equal bits share encodings
    std::size_t window = SIZE_MAX;                      ///< so many deliveries with a sequence it accepts
    DeliverResult result = DeliverResult::queued;       ///< what `deliver` answers
    std::function<void(const Delivery&)> on_deliver;    ///< called after a delivery was written down
    std::function<void(Token, const Receipt&)> on_settled;
    int held = 0;                                       ///< 1 while the gate wants nothing more
    bool is_durable = false;                            ///< set before it is opened
    bool is_away = false;
    std::vector<HandedBack> unacknowledged;             ///< what came by groups with QoS 1 or 2; the test takes out what it acknowledges
    Gate* close_through = nullptr;                      ///< when set, `close` leaves this gate at once, as a real session does

private:
    std::string name_;
};

}  // namespace junctor::test
