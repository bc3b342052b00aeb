#include "policy/tokens/token_errc.hpp"

#include <array>
#include <string>

namespace junctor {
namespace {

constexpr std::array<const char*, 13> sentences{"success",
                                                "a claim of the wrong type",
                                                "expired",
                                                "not valid yet",
                                                "another issuer",
                                                "for another audience",
                                                "a token of another type",
                                                "a required claim is missing",
                                                "it names nobody",
                                                "an unknown tenant",
                                                "the provider does not accept it",
                                                "the provider's keys are not known",
                                                "the provider does not answer"};
static_assert(sentences.size() == static_cast<std::size_t>(TokenErrc::provider_unavailable) + 1);

class TokenCategory final : public boost::system::error_category {
    const char* name() const noexcept override { return "token"; }
    std::string message(int value) const override { return sentences.at(static_cast<std::size_t>(value)); }
};

}  // namespace

const boost::system::error_category& token_category() noexcept {
    static const TokenCategory category;
    return category;
}

}  // namespace junctor
