#include "policy/tokens/discovery.hpp"

#include "core/ports/client.hpp"
#include "policy/jose/strict_json.hpp"

namespace junctor {

/// First the metadata, then the keys.
class DiscoveringKeyFetcher::Steps final : public KeyFetch {
public:
    Steps(DiscoveringKeyFetcher& owner, CoreId core, Done done) : owner_(owner), core_(core), done_(std::move(done)) {
        asking_metadata_ = owner_.outbound_.send(core_, owner_.request_, [this](const OutboundAnswer& answer) { metadata(answer); });
    }

private:
    void metadata(const OutboundAnswer& answer) {
        if (answer.failure != OutboundFailure::none) return fail(answer.detail);
        if (answer.response.status != 200) return fail("status " + std::to_string(answer.response.status) + " for its metadata");
        std::string problem;
        const std::string where = keys_url(as_text(answer.response.body), owner_.issuer_, problem);
        if (where.empty()) return fail(std::move(problem));
        OutboundRequest request = owner_.request_;
        request.configured = false;
        try {
            request.url = Url::parse(where);
        } catch (const ClientError&) {
            return fail("its metadata has a 'jwks_uri' that is no URL");
        }
        asking_keys_ = owner_.outbound_.send(core_, std::move(request), [this](const OutboundAnswer& keys) { finish(read_key_answer(keys)); });
    }

    void fail(std::string problem) { finish({.keys = nullptr, .max_age = {}, .problem = std::move(problem)}); }

    void finish(FetchedKeys fetched) {
        const Done done = std::move(done_);  // this fetch may be destroyed from within
        done(std::move(fetched));
    }

    DiscoveringKeyFetcher& owner_;
    const CoreId core_;
    Done done_;
    std::unique_ptr<OutboundCall> asking_metadata_;
    std::unique_ptr<OutboundCall> asking_keys_;
};

std::string DiscoveringKeyFetcher::metadata_url(std::string_view issuer) {
    std::string url(issuer);
    while (url.ends_with('/')) url.pop_back();
    return url + "/.well-known/openid-configuration";
}

std::string DiscoveringKeyFetcher::keys_url(std::string_view metadata, std::string_view issuer, std::string& problem) {
    const Result<nlohmann::json> document = jose::parse_strict_object(metadata, jose::key_set_json);
    if (!document) return problem = "its metadata is no JSON object of a sensible size", std::string();
    const std::string* named = jose::string_member(*document, "issuer");
    if (!named || *named != issuer) return problem = "its metadata names another issuer", std::string();
    const std::string* url = jose::string_member(*document, "jwks_uri");
    if (!url) return problem = "its metadata has no 'jwks_uri'", std::string();
    const bool secure = url->starts_with("https://"), plain = url->starts_with("http://") && issuer.starts_with("http://");
    if (!secure && !plain) return problem = "its keys are not at an https URL", std::string();
    return *url;
}

std::unique_ptr<KeyFetch> DiscoveringKeyFetcher::fetch(CoreId core, Done done) {
    return std::make_unique<Steps>(*this, core, std::move(done));
}

}  // namespace junctor
