// Whatever a client sends for a token by OAUTHBEARER: what is found lies within it, and is the whole value of the one pair that may hold one.
#include <cstdlib>
#include <string>

#include "core/base/bytes.hpp"
#include "policy/tokens/oauth_bearer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view message = junctor::as_text({data, size});
    const auto token = junctor::token_of_oauth_bearer(message);
    if (!token) return 0;
    if (token->empty() || token->find('\1') != std::string_view::npos) std::abort();
    if (message.find(std::string(*token) + '\1') == std::string_view::npos) std::abort();
    if (junctor::token_of_oauth_bearer("n,,\1auth=Bearer " + std::string(*token) + "\1\1") != token) std::abort();
    return 0;
}
