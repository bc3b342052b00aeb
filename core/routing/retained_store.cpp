#include "core/routing/retained_store.hpp"

#include <algorithm>

#include "core/routing/filter_seek.hpp"

namespace junctor {
namespace {

bool clears(const Envelope& envelope) noexcept { return envelope.payload().empty(); }

bool later(const Envelope& a, const Envelope& b) noexcept {
    return std::pair(a.published_at(), a.id().core) > std::pair(b.published_at(), b.id().core);
}

}  // namespace

bool RetainedStore::Order::less(std::string_view a, std::string_view b) noexcept { return topic_order(a, b) < 0; }

bool RetainedStore::apply(const EnvelopePtr& envelope) {
    const auto tenant = tenants_.try_emplace(envelope->topic().tenant()).first;
    Values& values = tenant->second;
    const auto at = values.find(envelope);
    if (at != values.end() && replicas_ > 1 && !later(*envelope, **at)) return false;
    store(values, at, envelope);
    if (clears(*envelope) && replicas_ == 1) {
        erase(tenant, values.find(envelope));
        return true;
    }
    if (clears(*envelope)) remember_clearing(envelope);
    return true;
}

void RetainedStore::store(Values& values, Values::iterator at, const EnvelopePtr& envelope) {
    if (at == values.end()) {
        values.insert(envelope);
    } else {
        count_out(**at);
        auto node = values.extract(at);
        node.value() = envelope;
        values.insert(std::move(node));
    }
    count_in(*envelope);
}

void RetainedStore::count_in(const Envelope& value) noexcept {
    if (clears(value)) return;
    ++size_;
    bytes_ += value.footprint();
    expiring_ += value.expires();
}

void RetainedStore::count_out(const Envelope& value) noexcept {
    if (clears(value)) return;
    --size_;
    bytes_ -= value.footprint();
    expiring_ -= value.expires();
}

void RetainedStore::remember_clearing(const EnvelopePtr& envelope) {
    clearings_.push_back(envelope);
    if (clearings_.size() > most_clearings) forget_oldest_clearing();
}

void RetainedStore::forget_oldest_clearing() {
    const EnvelopePtr oldest = std::move(clearings_.front());
    clearings_.pop_front();
    const auto tenant = tenants_.find(oldest->topic().tenant());
    if (tenant == tenants_.end()) return;
    const auto at = tenant->second.find(oldest);
    if (at != tenant->second.end() && *at == oldest) erase(tenant, at);
}

void RetainedStore::erase(std::map<TenantId, Values>::iterator tenant, Values::iterator value) {
    count_out(**value);
    tenant->second.erase(value);
    if (tenant->second.empty()) tenants_.erase(tenant);
}

void RetainedStore::find(const TopicFilter& filter, TimePoint now, const std::function<bool(const EnvelopePtr&)>& each) const {
    const auto tenant = tenants_.find(filter.tenant());
    if (tenant == tenants_.end()) return;
    const Values& values = tenant->second;
    FilterSeek seek(filter);
    for (auto at = values.lower_bound(seek.first()); at != values.end();) {
        const std::string_view topic = (*at)->topic_text();
        switch (seek.look(topic)) {
        case FilterSeek::Found::match:
            if (!clears(**at) && !(*at)->expired(now) && !each(*at)) return;
            ++at;
            break;
        case FilterSeek::Found::look_further: ++at; break;
        case FilterSeek::Found::jump: at = values.lower_bound(seek.target()); break;
        case FilterSeek::Found::end: return;
        }
    }
}

EnvelopePtr RetainedStore::value(const Topic& topic) const {
    const auto tenant = tenants_.find(topic.tenant());
    if (tenant == tenants_.end()) return nullptr;
    const auto at = tenant->second.find(topic.text());
    return at == tenant->second.end() || clears(**at) ? nullptr : *at;
}

std::size_t RetainedStore::sweep(TimePoint now, std::size_t most, const std::function<void(const Envelope&)>& gone) {
    std::size_t count = 0;
    auto tenant = tenants_.lower_bound(sweep_tenant_);
    if (tenant == tenants_.end() || tenant->first != sweep_tenant_) sweep_from_.clear();
    if (tenant == tenants_.end()) tenant = tenants_.begin();
    if (tenant == tenants_.end()) return 0;
    auto at = tenant->second.lower_bound(std::string_view(sweep_from_));
    for (; at != tenant->second.end() && most > 0; --most) {
        const auto value = at++;
        if (!(*value)->expired(now)) continue;
        ++count;
        if (gone) gone(**value);
        count_out(**value);
        tenant->second.erase(value);
    }
    const bool finished = at == tenant->second.end();
    sweep_tenant_ = finished ? TenantId{tenant->first.value + 1} : tenant->first;
    sweep_from_ = finished ? std::string() : std::string((*at)->topic_text());
    if (tenant->second.empty()) tenants_.erase(tenant);
    return count;
}

}  // namespace junctor
