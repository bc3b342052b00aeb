#include "policy/tokens/key_fetcher.hpp"

#include <charconv>

#include "core/base/ascii.hpp"
#include "core/base/duration_text.hpp"

namespace junctor {
namespace {

constexpr std::string_view directive = "max-age=";

struct Fetch final : KeyFetch {
    explicit Fetch(std::unique_ptr<OutboundCall> asked) : call(std::move(asked)) {}
    std::unique_ptr<OutboundCall> call;
};

std::string_view next_item(std::string_view& list) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view item = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (item.starts_with(' ') || item.starts_with('\t')) item.remove_prefix(1);
    return item;
}

std::optional<Duration> max_age_in(std::string_view list) {
    while (!list.empty()) {
        const std::string_view item = next_item(list);
        if (!equal_ignoring_case(item.substr(0, directive.size()), directive)) continue;
        std::int64_t seconds = 0;
        const std::string_view digits = item.substr(directive.size());
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
        if (error != std::errc() || seconds < 0) return std::nullopt;
        return std::min<Duration>(std::chrono::seconds(std::min<std::int64_t>(seconds, max_duration / std::chrono::seconds(1))), max_duration);
    }
    return std::nullopt;
}

}  // namespace

std::optional<Duration> max_age_of(const HttpResponse& response) {
    for (const Header& header : response.headers)
        if (equal_ignoring_case(header.name, "cache-control"))
            if (const std::optional<Duration> age = max_age_in(header.value)) return age;
    return std::nullopt;
}

FetchedKeys read_key_answer(const OutboundAnswer& answer) {
    FetchedKeys fetched;
    if (answer.failure != OutboundFailure::none) {
        fetched.problem = answer.detail;
    } else if (answer.response.status != 200) {
        fetched.problem = "status " + std::to_string(answer.response.status);
    } else if (Result<jose::KeySet> set = jose::KeySet::parse(as_text(answer.response.body), jose::KeySet::Secrets::refused); set) {
        fetched.keys = std::make_shared<const jose::KeySet>(std::move(*set));
        fetched.max_age = max_age_of(answer.response);
    } else {
        fetched.problem = "its keys cannot be used: " + set.error().message();
    }
    return fetched;
}

std::unique_ptr<KeyFetch> UrlKeyFetcher::fetch(CoreId core, Done done) {
    return std::make_unique<Fetch>(
        outbound_.send(core, request_, [done = std::move(done)](OutboundAnswer answer) { done(read_key_answer(answer)); }));
}

}  // namespace junctor
