#pragma once

#include <memory>
#include <string>

#include "core/ports/mailbox.hpp"
#include "core/routing/backend_home.hpp"

namespace junctor {

/// What a core's router sees of a remote backend: the way to the one core where it lives, and back. Every core has one; the path
/// between two cores keeps what a session publishes in order.
class BackendLink final : public Backend, private MailReceiver {
public:
    struct Terms {
        CoreId home;          ///< where the backend lives
        BackendTraits traits; ///< of the backend
        std::string gateway;  ///< this gateway's name in hop paths
        bool lasting = false; ///< after a restart too
    };

    /// `remote`: the backend itself, on the core that is its home; null on the others.
    BackendLink(Core& core, Terms terms, std::unique_ptr<Backend> remote = {});

    /// At home, when everybody's interest of before is known: the backend begins to connect.
    void launch(std::function<void(std::function<void()>)> post, Outbound* outbound = nullptr);

    /// At home: as `BackendHome::settled`.
    bool settled() const noexcept { return home_->settled(); }

    BackendTraits traits() const noexcept override;
    std::string_view scope() const noexcept override { return terms_.gateway; }
    MailReceiver* mail() noexcept override { return this; }
    void start(BackendSink& sink, const BackendPlace&) override;
    void stop() noexcept override;
    void publish(const EnvelopePtr& envelope, BackendTicket ticket) noexcept override;
    bool pass_on(const TopicFilter& group, const EnvelopePtr& envelope, BackendTicket ticket) noexcept override;
    void subscribe(const TopicFilter& filter, std::string_view group) noexcept override;
    void unsubscribe(const TopicFilter& filter, std::string_view group) noexcept override;
    void stored(Token receipt) noexcept override { home_->stored(receipt); }
    void recall() noexcept override;

private:
    void receive(Mail&& mail) noexcept override;
    void post(Mail::What what, const TopicFilter& filter);
    void receive_pass_on(const Mail& mail) noexcept;

    Core& core_;
    const Terms terms_;
    std::unique_ptr<BackendHome> home_;  ///< null: it is another core
    BackendSink* sink_ = nullptr;
};

}  // namespace junctor
