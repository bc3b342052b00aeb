#include "core/routing/retained_journal.hpp"

#include "core/store/envelope_record.hpp"
#include "core/store/keys.hpp"
#include "core/store/record.hpp"

namespace junctor {

void RetainedJournal::write(const Envelope& value) {
    const Topic topic = value.topic();
    if (value.payload().empty()) return erase(topic);
    if (!keeps(topic)) return;
    core_.journal().accepts() ? put(value) : note(topic);
}

void RetainedJournal::put(const Envelope& value) {
    const ByteBuffer key = keys::retained(value.topic().tenant(), value.topic_text());
    ByteBuffer body;
    append_envelope(body, value, {core_.now(), core_.wall()});
    core_.journal().batch().put(key, seal(key, body));
}

void RetainedJournal::erase(const Topic& topic) {
    if (!keeps(topic)) return;
    if (!core_.journal().accepts()) return note(topic);
    core_.journal().batch().erase(keys::retained(topic.tenant(), topic.text()));
}

void RetainedJournal::note(const Topic& topic) {
    unwritten_.emplace(topic.tenant(), topic.text());
    if (!armed()) core_.timers().arm(*this, core_.now() + retry_interval);
}

void RetainedJournal::expired(TimePoint now) noexcept {
    if (!core_.journal().accepts()) return core_.timers().arm(*this, now + retry_interval);
    for (const auto& [tenant, text] : std::exchange(unwritten_, {})) {
        const Topic topic = Topic::trusted(tenant, text, Topic::hash_of(tenant, text));
        const EnvelopePtr value = current_(topic);
        value ? put(*value) : erase(topic);
    }
}

}  // namespace junctor
