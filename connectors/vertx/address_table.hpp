#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/model/topic_filter.hpp"

namespace junctor::vertx {

/// One topic of the default tenant that is one address of the event bus.
struct MappedAddress {
    std::string topic;
    std::string address;
    bool to_one = false;  ///< what is published there goes to one receiver by turns (`send`), not to all
};

/// Which topics have an address of their own. Nothing in it changes.
class AddressTable {
public:
    explicit AddressTable(std::vector<MappedAddress> all);
    AddressTable(const AddressTable&) = delete;
    AddressTable& operator=(const AddressTable&) = delete;

    /// Null: it has none.
    const MappedAddress* of_topic(const Topic& topic) const noexcept;
    const MappedAddress* of_address(std::string_view address) const noexcept;
    /// Those that a filter covers.
    std::vector<const MappedAddress*> under(const TopicFilter& filter) const;

private:
    std::vector<MappedAddress> all_;
    std::map<std::string, const MappedAddress*, std::less<>> by_topic_;
    std::map<std::string, const MappedAddress*, std::less<>> by_address_;
};

}  // namespace junctor::vertx
