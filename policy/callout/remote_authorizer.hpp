#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "policy/callout/callout_settings.hpp"
#include "policy/kept_question.hpp"

namespace junctor {

/// An authorizer that asks a server elsewhere: what is sent and how the answer is read is the derived class's; asking, failing and
/// counting is done here. `receive` and `presence` follow what was said to `subscribe`, and are asked for only where they are among the verbs (DESIGN 4).
class RemoteAuthorizer : public Authorizer, public std::enable_shared_from_this<RemoteAuthorizer> {
public:
    RemoteAuthorizer(CalloutSettings settings, const PolicyParts& parts);

    std::string_view name() const noexcept final { return name_; }
    bool remote() const noexcept final { return true; }
    bool judges_deliveries() const noexcept final { return asked_about(Verb::receive) || asked_about(Verb::presence); }
    std::optional<Verdict::Outcome> cached(const Question& question) const noexcept final;
    void authorize(const Question& question, std::function<void(Verdict)> done) final;

protected:
    using Questions = std::span<const KeptQuestion>;

    /// What one answer says. `valid_for` is what the service says itself, Duration::max() where it does not.
    using Verdicts = std::vector<Verdict>;

    virtual OutboundRequest request(Questions questions) const = 0;
    /// One verdict per question; another number of them where the response is no answer to them. Must not throw for what is in it. On the core
    /// that asked, and on the thread of the HTTP client, whose circuit breaker counts answers that are none.
    virtual Verdicts read(const HttpResponse& response, std::size_t questions) const = 0;
    /// How many questions one request may hold.
    virtual std::size_t batch() const noexcept { return 1; }

    static Verdict verdict(bool allowed, std::string reason, std::optional<Duration> ttl);
    const CalloutSettings& settings() const noexcept { return settings_; }

private:
    struct Batch {
        std::vector<KeptQuestion> questions;
        std::vector<std::function<void(Verdict)>> done;
    };

    bool asked_about(Verb verb) const noexcept { return settings_.verbs.test(static_cast<std::size_t>(verb)); }
    void flush(CoreId core);
    void send(Batch batch);
    void answered(const Batch& batch, const OutboundAnswer& answer);
    Verdict failure(const std::string& why) const;
    Verdict bounded(Verdict verdict) const;

    const CalloutSettings settings_;
    const PolicyParts parts_;
    const std::string name_;
    const Counter questions_;
    const Counter failures_;
    std::atomic<bool> failing_{false};  ///< said so once, until it answers again
    std::array<Batch, 256> gathered_;  ///< by core, touched by that core alone: what goes out together at the next opportunity
};

}  // namespace junctor
