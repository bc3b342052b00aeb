#include "connectors/zeromq/subscriber.hpp"

#include "connectors/zeromq/mapping.hpp"

namespace junctor::zeromq {

WireVariant Subscriber::variant(const SubscribeOptions&) const noexcept { return members_variant(); }

void Subscriber::settled(Token token, const Receipt& receipt) noexcept {
    const bool by_filter = receipt.code == Errc::ok && !receipt.each.empty();
    owner_.settled(*this, token, by_filter ? receipt.each.front() : receipt.code);
}

}  // namespace junctor::zeromq
