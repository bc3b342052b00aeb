// What is passed on to a group's members at other gateways.

#include "connectors/mqtt/backend.hpp"
#include "core/model/topic.hpp"
#include "core/observe/log.hpp"
#include "core/runtime/core.hpp"

namespace junctor::mqtt {

/// While Paho waits for what has arrived to be stored it reads nothing, for no connection of this process: whether the broker has what is passed on of that
/// it could not hear. So that counts as taken when it is Paho's.
bool MqttBackend::pass_on(const TopicFilter& group, const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    std::string topic = topics_.passing(group, static_cast<std::uint8_t>(envelope->passes() + 1), envelope->topic());
    if (!settings_.v5 || !line_ || topic.size() > max_topic_bytes) return false;
    const bool unheard = arrival_ != 0;
    enqueue(to_passed_message(*envelope, std::move(topic), core_->now(), identity_), unheard ? BackendTicket() : ticket);
    if (unheard) post_([sink = sink_, ticket] {
        const BackendReceipt receipt{ticket, Errc::ok, 1};
        sink->taken({&receipt, 1});
    });
    return true;
}

void MqttBackend::passing_taken(Errc code) noexcept {
    if (code == Errc::ok) return;
    log_error("mqtt", "the broker refuses what gateways pass on for groups: allow it what is below the control level",
              {{"level", settings_.control}, {"because", std::string(to_string(code))}});
}

}  // namespace junctor::mqtt
