#include "core/base/json_errc.hpp"

#include <array>
#include <string>

namespace junctor {
namespace {

constexpr std::array<const char*, 5> sentences{"success", "not valid JSON", "JSON with text that is not UTF-8",
                                               "JSON nested too deeply", "JSON with too many bytes or values"};
static_assert(sentences.size() == static_cast<std::size_t>(JsonErrc::too_large) + 1);

class JsonCategory final : public boost::system::error_category {
    const char* name() const noexcept override { return "json"; }
    std::string message(int value) const override { return sentences.at(static_cast<std::size_t>(value)); }
};

}  // namespace

const boost::system::error_category& json_category() noexcept {
    static const JsonCategory category;
    return category;
}

}  // namespace junctor
