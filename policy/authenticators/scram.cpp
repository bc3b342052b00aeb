#include "policy/authenticators/scram.hpp"

#include "policy/secrets/scram_exchange.hpp"

namespace junctor {
namespace {

using Outcome = AuthenticationStep::Outcome;

AuthenticationStep refusal() {
    AuthenticationStep step(Outcome::deny);
    step.reason = "not authenticated";
    return step;
}

std::optional<Digest> digest_of(std::string_view method) noexcept {
    for (const Digest digest : {Digest::sha256, Digest::sha512})
        if (method == scram_mechanism(digest)) return digest;
    return std::nullopt;
}

}  // namespace

/// Whatever it says may end it: it is said last.
class Scram::Conversation final : public Authentication {
public:
    Conversation(const Scram& owner, Digest digest, AuthenticationDone done)
        : parts_(owner.parts_), version_(owner.source_.now()), digest_(digest), exchange_(digest, owner.random_()), done_(std::move(done)) {}

    void next(Bytes data) override { say(answer_to(as_text(data))); }

    /// Who sends nothing with the method is asked for its first message by an empty challenge (RFC 4422 section 3.3).
    AuthenticationStep first(Bytes data) { return data.empty() ? AuthenticationStep(Outcome::challenge) : answer_to(as_text(data)); }

    void say(AuthenticationStep step) {
        const AuthenticationDone done = done_;
        done(std::move(step));
    }

private:
    AuthenticationStep answer_to(std::string_view message) { return challenged_ ? last(message) : begin(message); }

    AuthenticationStep begin(std::string_view message) {
        const std::optional<std::string> user = exchange_.begin(message);
        if (!user) return refusal();
        user_ = version_->table.find(*user);
        const ScramKeys* keys = user_ ? user_->scram_for(digest_) : nullptr;
        if (!keys) user_ = nullptr;
        AuthenticationStep step(Outcome::challenge);
        append(step.challenge, exchange_.challenge(keys ? *keys : version_->table.decoy_scram(digest_, *user)));
        challenged_ = true;
        return step;
    }

    AuthenticationStep last(std::string_view message) const {
        const std::optional<std::string> proof = exchange_.finish(message);
        if (!proof || !user_) return refusal();
        const Ref<Principal> principal = parts_.principal(user_->name);
        if (!principal) return refusal();
        principal->vouched_by = parts_.name;
        principal->shown = mark_of(user_->scram_for(digest_)->text());
        principal->groups = user_->groups;
        AuthenticationStep step(Outcome::allow);
        step.principal = principal;
        append(step.challenge, *proof);
        return step;
    }

    const PolicyParts parts_;
    const std::shared_ptr<const PasswordSource::Version> version_;
    const Digest digest_;
    ScramExchange exchange_;
    AuthenticationDone done_;
    const PasswordUser* user_ = nullptr;  ///< in `version_`; null: nobody
    bool challenged_ = false;
};

Scram::Scram(std::filesystem::path file, PolicyParts parts, std::function<std::string()> random)
    : parts_(std::move(parts)), random_(std::move(random)), source_(std::move(file), parts_.changed) {}

std::unique_ptr<Authentication> Scram::begin(const Credentials& credentials, AuthenticationDone done) {
    const std::optional<Digest> digest = digest_of(credentials.method);
    if (!digest || !source_.now()->table.offers(*digest)) return done(AuthenticationStep(Outcome::abstain)), nullptr;
    auto conversation = std::make_unique<Conversation>(*this, *digest, std::move(done));
    AuthenticationStep step = conversation->first(credentials.data);
    conversation->say(std::move(step));
    return conversation;
}

namespace authenticators::scram {

AuthenticatorDescriptor descriptor() {
    return {.name = "scram",
            .summary = "SCRAM-SHA-256 and SCRAM-SHA-512 in the protocols that have a conversation: MQTT 5.0 AUTH, WebSocket frames.",
            .fields = {{.name = "file",
                        .type = config::Type::path,
                        .doc = "The password file; 'junctor passwd --scram' writes what this needs.",
                        .example = "users",
                        .required = true}},
            .whom = [](const config::Section&) { return "users with a password"; },
            .make = [](const config::Section& entry, const PolicyParts& parts) {
                return std::make_shared<Scram>(entry.text("file"), parts, [] { return to_base64(random_bytes(18)); });
            }};
}

}  // namespace authenticators::scram

}  // namespace junctor
