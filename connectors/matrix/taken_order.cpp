#include "connectors/matrix/taken_order.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace junctor::matrix {
namespace {

using nlohmann::json;

std::string text_of(const json& from, const char* name) {
    const auto at = from.find(name);
    return at != from.end() && at->is_string() ? at->get<std::string>() : std::string();
}

std::uint64_t number_of(const json& from, const char* name) {
    const auto at = from.find(name);
    return at != from.end() && at->is_number_unsigned() ? at->get<std::uint64_t>() : 0;
}

/// A time that was written by `dump`; what is none is the beginning of time.
std::int64_t time_of(const json& from, const char* name) {
    constexpr std::uint64_t latest = std::uint64_t{1} << 53;
    return static_cast<std::int64_t>(std::min(number_of(from, name), latest));
}

const json* list_of(const json& from, const char* name) {
    const auto at = from.find(name);
    return at != from.end() && at->is_array() ? &*at : nullptr;
}

}  // namespace

void TakenOrder::begin(std::int64_t before_ms) noexcept {
    begun_ = true;
    before_ms_ = std::max(before_ms_, before_ms);
}

std::vector<TakenOrder::Chain>::iterator TakenOrder::find(std::string_view room, std::string_view name) noexcept {
    return std::ranges::find_if(chains_, [&](const Chain& each) { return each.name == name && each.room == room; });
}

/// 0: none of it has been taken.
std::uint64_t TakenOrder::last_of(std::string_view room, std::string_view name) const noexcept {
    const auto at = std::ranges::find_if(chains_, [&](const Chain& each) { return each.name == name && each.room == room; });
    return at == chains_.end() ? 0 : at->number;
}

bool TakenOrder::gap(std::string_view room, const OrderMark& mark) const noexcept {
    return !mark.after.empty() && mark.number > last_of(room, mark.chain) + 1;
}

bool TakenOrder::unseen(std::string_view room, const OrderMark& mark, std::int64_t at_ms) const noexcept {
    const std::uint64_t last = last_of(room, mark.chain);
    return last == 0 ? at_ms > before_ms_ : mark.number > last;
}

/// A late one moves nothing.
void TakenOrder::take(std::string_view room, const OrderMark& mark, std::int64_t at_ms, TimePoint now) {
    const auto known = find(room, mark.chain);
    if (known == chains_.end()) chains_.push_back({std::string(room), mark.chain, 0, 0, now});
    else std::rotate(known, known + 1, chains_.end());
    Chain& chain = chains_.back();
    chain.number = std::max(chain.number, mark.number);
    chain.at_ms = std::max(chain.at_ms, at_ms);
    chain.heard = now;
    forget_some(now);
}

/// Of a chain that is forgotten nothing is asked for that may have been taken.
void TakenOrder::forget_some(TimePoint now) {
    const auto last = std::ranges::find_if(chains_, [&](const Chain& each) { return now - each.heard < silence; });
    const auto quiet = static_cast<std::size_t>(last - chains_.begin());
    const std::size_t count = std::max(quiet, chains_.size() - std::min(chains_.size(), most_chains));
    for (std::size_t i = 0; i < count; ++i) before_ms_ = std::max(before_ms_, chains_[i].at_ms);
    chains_.erase(chains_.begin(), chains_.begin() + static_cast<std::ptrdiff_t>(count));
}

void TakenOrder::took_early(std::string_view room, const OrderMark& mark, std::string event) {
    early_.push_back({std::move(event), std::string(room), mark.chain, mark.number});
    if (early_.size() > most_early) early_.pop_front();
}

bool TakenOrder::was_early(std::string_view event) {
    const auto at = std::ranges::find(early_, event, &Early::event);
    if (at == early_.end()) return false;
    early_.erase(at);
    return true;
}

void TakenOrder::undo(std::string_view room, const OrderMark& mark) {
    const auto chain = find(room, mark.chain);
    const auto before = [&](std::uint64_t number) {
        return std::ranges::find_if(early_, [&](const Early& each) { return each.number == number && each.chain == mark.chain && each.room == room; });
    };
    std::uint64_t number = mark.number;
    for (auto at = before(number - 1); at != early_.end(); at = before(--number - 1)) early_.erase(at);
    if (chain != chains_.end() && number != mark.number) chain->number = std::min(chain->number, number - 1);
}

std::string TakenOrder::dump(TimePoint now) {
    forget_some(now);
    json chains = json::array();
    for (const Chain& each : chains_) chains.push_back({{"room", each.room}, {"chain", each.name}, {"number", each.number}, {"at", each.at_ms}});
    json early = json::array();
    for (const Early& each : early_) early.push_back(each.event);
    return json{{"before", before_ms_}, {"chains", std::move(chains)}, {"early", std::move(early)}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

void TakenOrder::restore(const json& dumped, TimePoint now) {
    if (!dumped.is_object()) return;
    begin(time_of(dumped, "before"));
    if (const json* const chains = list_of(dumped, "chains"))
        for (const json& each : *chains)
            if (each.is_object()) take(text_of(each, "room"), {text_of(each, "chain"), number_of(each, "number")}, time_of(each, "at"), now);
    if (const json* const early = list_of(dumped, "early"))
        for (const json& each : *early)
            if (each.is_string()) took_early({}, {}, each.get<std::string>());
}

}  // namespace junctor::matrix
