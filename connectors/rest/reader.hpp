#pragma once

#include <memory>

#include "connectors/rest/member.hpp"
#include "core/model/topic_filter.hpp"
#include "core/ports/http.hpp"

namespace junctor::rest {

/// A session that lives for one GET: it subscribes to one filter, and ends with its exchange.
class Reader : public Member {
public:
    Reader(Desk& desk, PrincipalRef who, std::shared_ptr<HttpExchange> exchange, TopicFilter filter);

    /// Opens and subscribes; answers with the problem where the policy says no.
    void start(Qos max_qos) noexcept;

    void settled(Token token, const Receipt& receipt) noexcept final;
    void answered(Token, const EnvelopePtr&) noexcept final {}

protected:
    /// The subscription stands; retained messages follow.
    virtual void subscribed() noexcept = 0;
    /// Ends before anything was sent.
    void give_up(HttpResponse why, CloseReason reason) noexcept;

    std::shared_ptr<HttpExchange> exchange_;
    TopicFilter filter_;
};

}  // namespace junctor::rest
