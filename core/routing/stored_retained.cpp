#include "core/routing/stored_retained.hpp"

namespace junctor {

bool StoredRetained::add(const keys::Parts& key, Bytes body) {
    EnvelopePtr value = decoder_.decode(body);
    if (!value || value->topic_text() != key.text || value->topic().tenant().value != key.owner) return false;
    values_.push_back(std::move(value));
    return true;
}

}  // namespace junctor
