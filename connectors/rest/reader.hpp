#pragma once

#include <memory>
#include <optional>
#include <string>

#include "connectors/rest/event_id.hpp"
#include "connectors/rest/member.hpp"
#include "core/model/topic_filter.hpp"
#include "core/ports/http.hpp"

namespace junctor::rest {

/// The durable session that a GET reads from.
struct SessionAsked {
    std::string name;
    SessionTerms terms;
    std::size_t window = 0;       ///< most messages at a time
    std::optional<EventId> seen;  ///< this one and all before it are acknowledged
};

/// A session that lives for one GET: it subscribes to one filter, and ends with its exchange. Or such a GET's part in a durable
/// session, which has the filter from then on.
class Reader : public Member {
public:
    Reader(Desk& desk, PrincipalRef who, std::shared_ptr<HttpExchange> exchange, TopicFilter filter, std::optional<SessionAsked> asked = {});

    /// Opens and subscribes; answers with the problem where the policy says no.
    void start(Qos max_qos, const std::optional<HistoryStart>& start = {}) noexcept;

    std::string_view name() const noexcept final { return asked_ ? std::string_view(asked_->name) : std::string_view(); }
    void settled(Token token, const Receipt& receipt) noexcept final;
    void answered(Token, const EnvelopePtr&) noexcept final {}
    /// It has one filter: without that there is nothing more to read.
    void revoked(const TopicFilter&, std::string_view reason) noexcept final { close(CloseReason::not_authorized, reason); }

protected:
    /// The subscription stands; retained messages follow, or have come already.
    virtual void subscribed() noexcept = 0;
    /// Ends before anything was sent.
    void give_up(HttpResponse why, CloseReason reason) noexcept;

    /// How much of the history that was asked for is there.
    const HistoryOutcome& outcome() const noexcept { return outcome_; }
    bool durable() const noexcept { return asked_.has_value(); }
    const SessionAsked& asked() const noexcept { return *asked_; }
    std::string id_of(std::uint64_t sequence) const { return to_string(EventId{epoch_, sequence}); }
    /// Another protocol had it acknowledged half way, and here there is no second half: true when that was all.
    bool finish_repeat(const Delivery& delivery) noexcept;

    std::shared_ptr<HttpExchange> exchange_;
    TopicFilter filter_;

private:
    void opened(const Result<Opened>& result, Qos max_qos, const std::optional<HistoryStart>& start) noexcept;
    void resume(const Opened& opened) noexcept;

    std::optional<SessionAsked> asked_;
    std::uint64_t epoch_ = 0;
    HistoryOutcome outcome_;
};

}  // namespace junctor::rest
