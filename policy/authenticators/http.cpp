// Asks a server of the operator's own who somebody is.

#include "policy/plugin.hpp"
#include "policy/tokens/http_answer.hpp"
#include "policy/tokens/remote_conversation.hpp"
#include "policy/tokens/remote_fields.hpp"
#include "policy/tokens/token_fields.hpp"

namespace junctor::authenticators::http {
namespace {

using config::Section;
using config::Type;

class HttpAuthenticator final : public Authenticator {
public:
    struct Settings {
        OutboundRequest request;
        Duration remember;
        std::size_t most_remembered;
        bool asks_about_everybody;  ///< also about who shows no credentials
    };

    HttpAuthenticator(Settings settings, const PolicyParts& parts)
        : settings_(std::move(settings)), parts_(parts), inquiries_({.most_remembered = settings_.most_remembered}, parts), report_(parts) {}

    std::string_view name() const noexcept override { return parts_.name; }

    std::unique_ptr<Authentication> begin(const Credentials& credentials, AuthenticationDone done) override {
        if (!settings_.asks_about_everybody && !shows_any(credentials)) {
            done(AuthenticationStep(AuthenticationStep::Outcome::abstain));
            return nullptr;
        }
        return RemoteConversation::start(report_, credentials, std::move(done), [&](CredentialInquiries::Done heard) {
            return inquiries_.ask(credentials.core, question(credentials), std::move(heard));
        });
    }

private:
    static bool shows_any(const Credentials& credentials) noexcept {
        return !credentials.user.empty() || credentials.has_password || !credentials.bearer.empty() ||
               !credentials.certificate_subject.empty();
    }

    CredentialInquiries::Question question(const Credentials& credentials) {
        CredentialInquiries::Question asked;
        asked.about = callout_digest(credentials);
        asked.request = [this, &credentials] {
            OutboundRequest request = settings_.request;
            request.body = callout_body(credentials);
            return request;
        };
        asked.read = [parts = parts_, user = credentials.user, keep = settings_.remember](const OutboundAnswer& came) {
            const auto make = [&](std::string name, std::string_view tenant) { return parts.principal(std::move(name), tenant); };
            return read_callout(came, user, keep, parts.clock.wall(), make);
        };
        return asked;
    }

    const Settings settings_;
    const PolicyParts parts_;
    CredentialInquiries inquiries_;
    const CredentialReport report_;
};

config::Schema own_fields() {
    return {{.name = "headers", .type = Type::text_list, .doc = "Headers of the question, each as 'Name: value'.", .fallback = "[]"},
            {.name = "secret",
             .type = Type::secret,
             .doc = "Sent as 'Authorization: Bearer ...', so that the server knows who asks.",
             .example = "{file: callout.secret}"},
            {.name = "ask",
             .type = Type::choice,
             .doc = "Whether the server is also asked about clients that show no credentials.",
             .fallback = "credentials",
             .choices = {"credentials", "always"}},
            {.name = "remember", .type = Type::duration, .doc = "For how long an 'allow' counts for the same credentials.", .fallback = "0s"},
            {.name = "most_remembered", .type = Type::integer, .doc = "Answers that each core remembers.", .fallback = "10000", .max = 10'000'000}};
}

void add_headers(const Section& entry, OutboundRequest& request) {
    for (const std::string& line : entry.texts("headers")) {
        const std::size_t colon = line.find(": ");
        if (colon == 0 || colon == std::string::npos) refuse_field(entry, "headers", "holds lines like 'Name: value'");
        request.headers.push_back({line.substr(0, colon), line.substr(colon + 2)});
    }
    if (entry.has("secret")) request.headers.push_back({"Authorization", "Bearer " + entry.text("secret")});
}

std::shared_ptr<Authenticator> make(const Section& entry, const PolicyParts& parts) {
    HttpAuthenticator::Settings settings;
    settings.request = remote_request(entry, "url", entry.text("url"), parts);
    settings.request.method = "POST";
    settings.request.repeatable = true;
    settings.request.headers.push_back({"Content-Type", "application/json"});
    add_headers(entry, settings.request);
    settings.remember = entry.duration("remember");
    settings.most_remembered = static_cast<std::size_t>(entry.integer("most_remembered"));
    settings.asks_about_everybody = entry.text("ask") == "always";
    return std::make_shared<HttpAuthenticator>(std::move(settings), parts);
}

}  // namespace

AuthenticatorDescriptor descriptor() {
    return {.name = "http",
            .summary = "Asks a server of your own who somebody is, with user, password, token, client id, address and certificate.",
            .fields = remote_fields("url", "Where the question goes, as a POST with JSON.") + own_fields(),
            .whom = [](const Section&) { return "whoever the server lets in"; },
            .make = make};
}

}  // namespace junctor::authenticators::http
