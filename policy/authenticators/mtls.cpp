#include "policy/authenticators/mtls.hpp"

#include <algorithm>

#include "core/base/setup_error.hpp"

namespace junctor {
namespace {

using Outcome = AuthenticationStep::Outcome;
using Identity = MutualTls::Identity;

AuthenticationStep refusal(std::string reason) {
    AuthenticationStep step(Outcome::deny);
    step.reason = std::move(reason);
    return step;
}

std::string_view mark_of(Identity identity) noexcept {
    switch (identity) {
        case Identity::dns: return "DNS:";
        case Identity::uri: return "URI:";
        case Identity::email: return "email:";
        default: return {};
    }
}

/// The one that is there; empty for none and for more.
std::string only_one(std::vector<std::string> values) { return values.size() == 1 ? std::move(values.front()) : std::string(); }

std::vector<std::string> names_with(std::string_view mark, const std::vector<std::string>& names) {
    std::vector<std::string> found;
    for (const std::string& name : names)
        if (name.starts_with(mark)) found.push_back(name.substr(mark.size()));
    return found;
}

bool printable(std::string_view text) noexcept {
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

}  // namespace

std::unique_ptr<Authentication> MutualTls::begin(const Credentials& credentials, AuthenticationDone done) {
    done(judge(credentials));
    return nullptr;
}

AuthenticationStep MutualTls::judge(const Credentials& credentials) const {
    const bool others = credentials.has_password || !credentials.bearer.empty() || !credentials.method.empty();
    const bool certificate = !credentials.certificate_subject.empty() || !credentials.certificate_names.empty();
    if (!certificate || others) return AuthenticationStep(Outcome::abstain);
    const std::optional<DistinguishedName> subject = DistinguishedName::parse(credentials.certificate_subject);
    if (!subject) return refusal("the certificate's subject cannot be read");
    std::string identity = identity_of(credentials, *subject);
    if (identity.empty() || !printable(identity)) return refusal("the certificate names nobody who is known here");
    if (!credentials.user.empty() && credentials.user != identity) return refusal("the user name is not the certificate's");
    const Ref<Principal> principal = parts_.principal(std::move(identity));
    if (!principal) return refusal("not authenticated");
    if (settings_.groups_from_units) principal->groups = subject->values("OU");
    principal->expires_at = credentials.certificate_expires;
    AuthenticationStep step(Outcome::allow);
    step.principal = principal;
    return step;
}

std::string MutualTls::identity_of(const Credentials& credentials, const DistinguishedName& subject) const {
    if (!settings_.users.empty()) {
        const auto known = std::ranges::find(settings_.users, subject, [](const auto& user) -> const auto& { return user.first; });
        return known == settings_.users.end() ? std::string() : known->second;
    }
    switch (settings_.identity) {
        case Identity::subject: return credentials.certificate_subject;
        case Identity::common_name: return only_one(subject.values("CN"));
        default: return only_one(names_with(mark_of(settings_.identity), credentials.certificate_names));
    }
}

namespace authenticators::mtls {
namespace {

Identity identity_of(const std::string& text) {
    if (text == "subject") return Identity::subject;
    if (text == "dns") return Identity::dns;
    if (text == "uri") return Identity::uri;
    return text == "email" ? Identity::email : Identity::common_name;
}

std::shared_ptr<Authenticator> make(const config::Section& entry, const PolicyParts& parts) {
    MutualTls::Settings settings;
    settings.identity = identity_of(entry.text("identity"));
    settings.groups_from_units = entry.text("groups") == "organizational_units";
    for (const config::Section& user : entry.sections("users")) {
        auto subject = DistinguishedName::parse(user.text("subject"));
        if (!subject || subject->attributes().empty())
            throw SetupError(user.where("subject") + ": not a subject; write it like CN=pump-7,OU=plant,O=Example as 'openssl x509 -noout "
                             "-subject -nameopt RFC2253' prints it");
        settings.users.emplace_back(*std::move(subject), user.text("user"));
    }
    return std::make_shared<MutualTls>(std::move(settings), parts);
}

}  // namespace

AuthenticatorDescriptor descriptor() {
    using config::Type;
    return {.name = "mtls",
            .summary = "Clients with a TLS certificate, by one of its names.",
            .fields = {{.name = "identity",
                        .type = Type::choice,
                        .doc = "Which name is the principal: the whole subject, its one CN, or the one alternative name of a kind.",
                        .fallback = "common_name",
                        .choices = {"common_name", "subject", "dns", "uri", "email"}},
                       {.name = "groups",
                        .type = Type::choice,
                        .doc = "What makes groups.",
                        .fallback = "none",
                        .choices = {"none", "organizational_units"}},
                       {.name = "users",
                        .type = Type::section_list,
                        .doc = "Only certificates with these subjects, compared as a whole, under these names; then identity does not count.",
                        .fallback = "[]",
                        .fields = {{.name = "subject",
                                    .type = Type::text,
                                    .doc = "RFC 4514, in the order of `openssl x509 -nameopt RFC2253`.",
                                    .example = "CN=pump-7,OU=plant,O=Example",
                                    .required = true},
                                   {.name = "user", .type = Type::text, .doc = "The principal's name.", .required = true}}}},
            .whom = [](const config::Section&) { return "clients with a certificate"; },
            .make = make};
}

}  // namespace authenticators::mtls

}  // namespace junctor
