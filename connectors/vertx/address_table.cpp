#include "connectors/vertx/address_table.hpp"

#include "core/model/topic.hpp"

namespace junctor::vertx {
namespace {

using Index = std::map<std::string, const MappedAddress*, std::less<>>;

const MappedAddress* find(const Index& index, std::string_view key) noexcept {
    const auto at = index.find(key);
    return at == index.end() ? nullptr : at->second;
}

}  // namespace

AddressTable::AddressTable(std::vector<MappedAddress> all) : all_(std::move(all)) {
    for (const MappedAddress& each : all_) {
        by_topic_.emplace(each.topic, &each);
        by_address_.emplace(each.address, &each);
    }
}

const MappedAddress* AddressTable::of_topic(const Topic& topic) const noexcept {
    return topic.tenant() == TenantId{} ? find(by_topic_, topic.text()) : nullptr;
}

const MappedAddress* AddressTable::of_address(std::string_view address) const noexcept { return find(by_address_, address); }

std::vector<const MappedAddress*> AddressTable::under(const TopicFilter& filter) const {
    std::vector<const MappedAddress*> found;
    if (filter.tenant() != TenantId{}) return found;
    for (const MappedAddress& each : all_) {
        const Result<Topic> topic = Topic::parse({}, each.topic);
        if (topic && filter.matches(*topic)) found.push_back(&each);
    }
    return found;
}

}  // namespace junctor::vertx
