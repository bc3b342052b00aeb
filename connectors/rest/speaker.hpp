#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "connectors/rest/member.hpp"
#include "core/ports/gate.hpp"
#include "core/ports/http.hpp"

namespace junctor {
class TopicFilter;
struct Draft;
struct CloudEvent;
struct HistoryQuestion;
}  // namespace junctor

namespace junctor::rest {

/// The session by which all requests of one principal on one core publish, ask and read retained values. It is opened by the first
/// and closed after a minute without any, so that a request costs no connect event of its own.
class Speaker final : public Member {
public:
    static constexpr Duration idle_time = std::chrono::seconds(60);

    using Member::Member;

    /// Who wants to use it hears when it has entered the gateway, perhaps before this returns; of the Errc otherwise, and then the
    /// speaker is of no more use.
    using Opened = std::function<void(Errc)>;
    void when_open(Opened told);

    /// Whether somebody who was vouched for now may use this session: nothing that a policy could look at differs.
    bool speaks_for(const Principal& who) const noexcept;

    void publish(std::shared_ptr<HttpExchange> exchange, Draft&& draft) noexcept;
    /// A message of each event, in order; answers when all of them have been settled.
    void publish_all(std::shared_ptr<HttpExchange> exchange, std::vector<CloudEvent>& events, const std::function<Draft(CloudEvent&)>& draft_of) noexcept;
    void request(std::shared_ptr<HttpExchange> exchange, Draft&& draft, Duration timeout) noexcept;
    /// Answers with the retained message, or with the array of them for a wildcard; calls `none`, without an answer, when there is
    /// none.
    void read(const std::shared_ptr<HttpExchange>& exchange, const TopicFilter& filter, std::function<void()> none);
    void read_history(std::shared_ptr<HttpExchange> exchange, const HistoryQuestion& question) noexcept;
    void touch() noexcept;
    /// It was not let in.
    void retire() noexcept { leave(CloseReason::not_authorized); }

    WireVariant variant(const SubscribeOptions&) const noexcept override { return {}; }
    void encode(const Envelope&, WireVariant, Template&) const noexcept override {}
    DeliverResult deliver(const Delivery&) noexcept override { return DeliverResult::queued; }
    void settled(Token token, const Receipt& receipt) noexcept override;
    void answered(Token token, const EnvelopePtr& reply) noexcept override;
    void history_read(Token token, const HistoryPage& page) noexcept override;
    void close(CloseReason reason, std::string_view text) noexcept override;

private:
    /// Publishes that are answered together.
    struct Batch {
        std::shared_ptr<HttpExchange> exchange;
        std::size_t left = 0;
        std::size_t taken = 0;
        std::uint32_t matches = 0;
        Errc code = Errc::ok;  ///< of the first that was refused
        std::string reason;
    };

    void tick() noexcept override;
    void settled_one(Batch& batch, const Receipt& receipt) noexcept;
    void opened(Errc code);
    bool read_now(HttpExchange& exchange, const TopicFilter& filter) noexcept;
    Token expect(std::shared_ptr<HttpExchange> exchange);
    std::shared_ptr<HttpExchange> take(Token token) noexcept;

    std::unordered_map<Token, std::shared_ptr<HttpExchange>> waiting_;
    std::unordered_map<Token, std::shared_ptr<Batch>> batches_;
    std::vector<Opened> openings_;  ///< who waits for it to be open
    std::map<std::uint64_t, std::unique_ptr<VerdictWait>> readings_;  ///< reads that wait for their verdict
    bool open_ = false;
    std::uint64_t last_token_ = 0;
    TimePoint last_used_{};
};

}  // namespace junctor::rest
