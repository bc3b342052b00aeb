#pragma once

#include "core/ports/backend.hpp"

namespace junctor {

/// The default backend: this process. Every core has one; a message is taken as soon as it stands with all who want it.
class EmbeddedBackend final : public Backend {
public:
    BackendTraits traits() const noexcept override;
    void start(BackendSink& sink, const BackendPlace&) override { sink_ = &sink; }
    void stop() noexcept override { sink_ = nullptr; }
    void publish(const EnvelopePtr& envelope, BackendTicket ticket) noexcept override;
    void subscribe(const TopicFilter& filter, std::string_view group) noexcept override { sink_->subscribed(filter, group, Errc::ok); }
    void unsubscribe(const TopicFilter&, std::string_view) noexcept override {}

private:
    BackendSink* sink_ = nullptr;
};

}  // namespace junctor
