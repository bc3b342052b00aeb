#include "policy/recovery.hpp"

#include "core/store/record.hpp"
#include "policy/policy_gate.hpp"

namespace junctor {

Recovery::Recovery(Store& store, std::uint16_t cores, StoredSessions::HomeOf home_of, const ClockPair& clocks)
    : sessions_(cores, std::move(home_of), clocks), retained_(clocks), histories_(clocks) {
    store.load([this](Bytes key, Bytes value) {
        const std::optional<keys::Parts> parts = keys::parse(key);
        const std::optional<Bytes> body = parts ? unseal(key, value) : std::nullopt;
        // A hole in a history has to be known.
        if (parts && parts->kind == keys::Kind::history) histories_.add(*parts, body);
        if (!body || !add(*parts, *body)) ++unreadable_;
    });
    lost_ = sessions_.finish();
}

bool Recovery::add(const keys::Parts& key, Bytes body) {
    if (key.kind == keys::Kind::history) return true;
    if (key.kind == keys::Kind::revocation) {
        std::optional<Revocation> revocation = Revocation::read(body);
        if (revocation) revocations_.push_back(std::move(*revocation));
        return revocation.has_value();
    }
    return key.kind == keys::Kind::retained ? retained_.add(key, body) : sessions_.add(key, body);
}

void Recovery::restore(PolicyGate& gate, const HistoryRulesPtr& rules) {
    gate.router().keep_histories(rules, &histories_);
    gate.router().restore_retained(retained_.values());
    gate.restore(sessions_);
}

}  // namespace junctor
