#include "tests/support/fake_session.hpp"

#include <algorithm>

namespace junctor::test {

FakeSession::FakeSession(std::string session_name, std::string principal_name, TenantId tenant) : name_(std::move(session_name)) {
    set_principal(PrincipalRef(new Principal(tenant, std::move(principal_name))));
}

WireVariant FakeSession::variant(const SubscribeOptions&) const noexcept {
    static const std::uint16_t family = new_wire_family();
    return {family, wire_bits};
}

void FakeSession::encode(const Envelope& envelope, WireVariant, Template& out) const noexcept {
    ++encodings;
    out.set_payload(envelope);
}

DeliverResult FakeSession::deliver(const Delivery& delivery) noexcept {
    const Envelope& envelope = *delivery.envelope;
    Delivered written{std::string(envelope.topic_text()), std::string(as_text(envelope.payload())), delivery.qos, delivery.retain,
                      {delivery.subscription_ids.begin(), delivery.subscription_ids.end()},
                      std::string(as_text(delivery.encoded.prefix())), delivery.envelope, delivery.sequence, delivery.repeat};
    written.encoded += as_text(delivery.encoded.body().bytes);
    if (result != DeliverResult::refused) deliveries.push_back(std::move(written));
    if (result != DeliverResult::refused && delivery.group && delivery.sequence == 0 && delivery.qos != Qos::at_most_once)
        unacknowledged.push_back({delivery.envelope, delivery.group});
    if (delivery.sequence != 0 && window != SIZE_MAX) --window;
    if (on_deliver) on_deliver(delivery);
    return result;
}

void FakeSession::settled(Token token, const Receipt& receipt) noexcept {
    settlements.push_back({token, receipt.code, receipt.matches, std::string(receipt.reason), {receipt.each.begin(), receipt.each.end()},
                           {receipt.history.begin(), receipt.history.end()}});
    if (on_settled) on_settled(token, receipt);
}

void FakeSession::answered(Token token, const EnvelopePtr& reply) noexcept { answers.push_back({token, reply}); }

void FakeSession::close(CloseReason reason, std::string_view text) noexcept {
    closed = reason;
    closed_text = text;
    if (close_through) close_through->close(*this, reason);
}

std::vector<std::string> FakeSession::payloads() const {
    std::vector<std::string> all;
    for (const Delivered& delivered : deliveries) all.push_back(delivered.payload);
    return all;
}

const FakeSession::Settled* FakeSession::settlement(std::uint64_t token) const {
    const auto found = std::find_if(settlements.rbegin(), settlements.rend(), [&](const Settled& each) { return each.token.value == token; });
    return found == settlements.rend() ? nullptr : &*found;
}

}  // namespace junctor::test
