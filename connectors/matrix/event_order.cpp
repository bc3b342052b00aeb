#include "connectors/matrix/event_order.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/base/json.hpp"

namespace junctor::matrix {
namespace {

using namespace std::string_view_literals;
using nlohmann::json;

constexpr std::size_t longest_chain = 64;
constexpr std::size_t longest_id = 255;                            // client-server API, "Size limits"
constexpr std::uint64_t largest_number = (std::uint64_t{1} << 53) - 1;  // of canonical JSON

/// Whether the text is there and of that length; one that may be left out is then empty.
bool read_text(const json& from, const char* name, std::size_t least, std::size_t most, std::string& to) {
    const auto at = from.find(name);
    if (at == from.end()) return least == 0;
    if (!at->is_string()) return false;
    to = at->get<std::string>();
    return to.size() >= least && to.size() <= most;
}

}  // namespace

std::optional<OrderMark> order_of(const json& content) {
    if (!content.is_object()) return std::nullopt;
    const auto order = content.find(order_key);
    if (order == content.end() || !order->is_object()) return std::nullopt;
    const auto number = order->find("number");
    if (number == order->end() || !number->is_number_unsigned()) return std::nullopt;
    OrderMark mark{{}, number->get<std::uint64_t>()};
    if (mark.number == 0 || mark.number > largest_number) return std::nullopt;
    const bool read = read_text(*order, "chain", 1, longest_chain, mark.chain) && read_text(*order, "after", 0, longest_id, mark.after);
    return read ? std::optional(std::move(mark)) : std::nullopt;
}

std::string with_order(std::string object, const OrderMark& mark) {
    ByteBuffer order;
    append(order, ",\""sv);
    append(order, std::string_view(order_key));
    append(order, "\":{\"chain\":"sv);
    append_json_string(order, mark.chain);
    append(order, ",\"number\":"sv);
    append(order, std::string_view(std::to_string(mark.number)));
    if (!mark.after.empty()) {
        append(order, ",\"after\":"sv);
        append_json_string(order, mark.after);
    }
    append(order, "}}"sv);
    object.pop_back();
    return object.append(as_text(order));
}

void GivenOrder::begin(std::string chain, std::size_t rooms) {
    chain_ = std::move(chain);
    last_.assign(rooms, {});
}

OrderMark GivenOrder::next(std::size_t room) const { return {chain_, last_[room].number + 1, last_[room].event}; }

/// An id that no homeserver gives is as good as none.
void GivenOrder::sent(std::size_t room, std::string event) {
    if (event.size() > longest_id) event.clear();
    last_[room] = {last_[room].number + 1, std::move(event)};
}

}  // namespace junctor::matrix
