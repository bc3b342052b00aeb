#include "core/model/envelope.hpp"

#include <cstring>
#include <new>

namespace junctor {

bool Extras::empty() const noexcept {
    return content_type.empty() && headers.empty() && reply_to.empty() && correlation.empty() && dedup_key.empty() && trace.empty() &&
           hops.empty() && !is_text;
}

std::size_t Extras::footprint() const noexcept {
    std::size_t bytes = sizeof *this + content_type.size() + reply_to.size() + correlation.size() + dedup_key.size() + trace.size() + hops.size();
    for (const Header& header : headers) bytes += sizeof header + header.name.size() + header.value.size();
    return bytes;
}

Envelope::Envelope(Draft&& draft, Origin&& origin) noexcept
    : origin_(std::move(origin)),
      topic_hash_(draft.topic.hash()),
      extras_(std::move(draft.extras)),
      payload_size_(static_cast<std::uint32_t>(draft.payload.size())),
      tenant_(draft.topic.tenant()),
      topic_size_(static_cast<std::uint16_t>(draft.topic.text().size())),
      qos_(draft.qos),
      kind_(draft.kind),
      retain_(draft.retain),
      passes_(draft.passes) {
    if (draft.ttl) expires_at_ = origin_.published_at + *draft.ttl;
}

EnvelopePtr Envelope::make(Draft&& draft, Origin origin) {
    const std::string_view topic = draft.topic.text();
    const Bytes payload = draft.payload;
    void* memory = ::operator new(sizeof(Envelope) + topic.size() + payload.size());
    auto* envelope = new (memory) Envelope(std::move(draft), std::move(origin));
    auto* trailing = reinterpret_cast<std::uint8_t*>(envelope + 1);
    if (!topic.empty()) std::memcpy(trailing, topic.data(), topic.size());
    if (!payload.empty()) std::memcpy(trailing + topic.size(), payload.data(), payload.size());
    return EnvelopePtr(envelope);
}

void Envelope::destroy(const Envelope* envelope) noexcept {
    envelope->~Envelope();
    ::operator delete(const_cast<Envelope*>(envelope));
}

std::size_t Envelope::footprint() const noexcept {
    return sizeof *this + topic_size_ + payload_size_ + (extras_ ? extras_->footprint() : 0);
}

}  // namespace junctor
