#include "core/model/errc.hpp"

#include <array>
#include <string>

namespace junctor {
namespace {

struct Name {
    std::string_view code;
    std::string_view sentence;
};

constexpr std::array<Name, 15> names{{
    {"ok", "success"},
    {"bad_topic", "not a valid topic name"},
    {"bad_filter", "not a valid topic filter"},
    {"bad_request", "the request is malformed"},
    {"denied", "the policy does not allow this"},
    {"no_receivers", "nobody is there to receive this"},
    {"expired", "the message expired before it could be delivered"},
    {"timed_out", "nobody answered in time"},
    {"too_large", "larger than the limit"},
    {"quota_exceeded", "a quota is used up"},
    {"overloaded", "the gateway is overloaded, try again later"},
    {"unavailable", "the backend is not available"},
    {"unsupported", "this is not supported here"},
    {"name_kept", "a durable session has this name"},
    {"shutting_down", "the gateway is shutting down"},
}};
static_assert(names.size() == static_cast<std::size_t>(Errc::shutting_down) + 1);

class GatewayCategory final : public boost::system::error_category {
    const char* name() const noexcept override { return "junctor"; }
    std::string message(int value) const override { return std::string(names.at(static_cast<std::size_t>(value)).sentence); }
};

}  // namespace

std::string_view to_string(Errc code) noexcept { return names[static_cast<std::size_t>(code)].code; }

const boost::system::error_category& gateway_category() noexcept {
    static const GatewayCategory category;
    return category;
}

}  // namespace junctor
