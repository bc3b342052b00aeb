#include "policy/tokens/token_authenticator.hpp"

#include "policy/tokens/token_errc.hpp"

namespace junctor {

using Outcome = AuthenticationStep::Outcome;
using jose::JoseErrc;

/// A token that names a key which is not known (yet): it waits for newer keys.
class TokenAuthenticator::Conversation final : public Authentication {
public:
    Conversation(const TokenAuthenticator& owner, const Credentials& credentials, PlausibleToken token, AuthenticationDone done)
        : life_(std::make_shared<Life>(Life{owner, credentials, std::move(token), std::move(done)})) {}
    ~Conversation() override { life_->done = nullptr; }

    void next(Bytes) override {}

    void wait_for(KeySource& source, jose::KeySetPtr than) {
        source.renew(life_->credentials.core, std::move(than), [life = life_] { look_again(*life); });
    }

private:
    /// Outlives a conversation that is given up, for a callback that comes late. Everything in it is then left alone.
    struct Life {
        const TokenAuthenticator& owner;
        const Credentials& credentials;
        PlausibleToken token;
        AuthenticationDone done;
    };

    static void look_again(Life& life) {
        if (!life.done) return;
        const jose::KeySetPtr keys = life.owner.settings_.keys->keys();
        const AuthenticationDone done = std::move(life.done);  // the chain may destroy this conversation from within
        life.done = nullptr;
        if (!keys) return done(life.owner.report_.refused(TokenErrc::keys_unavailable, life.credentials));
        done(life.owner.judge(life.token, keys->verify(life.token.token), life.credentials));
    }

    std::shared_ptr<Life> life_;
};

TokenAuthenticator::TokenAuthenticator(Settings settings, const PolicyParts& parts)
    : settings_(std::move(settings)), parts_(parts), report_(parts) {}

std::unique_ptr<Authentication> TokenAuthenticator::begin(const Credentials& credentials, AuthenticationDone done) {
    const std::optional<std::string_view> text = shown_token(credentials, settings_.places);
    if (!text || !looks_signed(*text)) {
        done(AuthenticationStep(Outcome::abstain));
        return nullptr;
    }
    Result<PlausibleToken> token = read_token(*text, settings_.rules, parts_.clock.wall());
    if (!token) {
        // Another issuer's may be another authenticator's to judge.
        done(token.error() == TokenErrc::wrong_issuer ? AuthenticationStep(Outcome::abstain) : report_.refused(token.error(), credentials));
        return nullptr;
    }
    jose::KeySetPtr keys = settings_.keys->keys();
    const JoseErrc verdict = keys ? keys->verify(token->token) : JoseErrc::no_key;
    if (verdict != JoseErrc::no_key) {
        done(judge(*token, verdict, credentials));
        return nullptr;
    }
    auto conversation = std::make_unique<Conversation>(*this, credentials, std::move(*token), std::move(done));
    conversation->wait_for(*settings_.keys, std::move(keys));
    return conversation;
}

AuthenticationStep TokenAuthenticator::judge(const PlausibleToken& token, JoseErrc verdict, const Credentials& credentials) const {
    if (verdict != JoseErrc::ok) return report_.refused(verdict, credentials);
    const auto make = [this](std::string name, std::string_view tenant) { return parts_.principal(std::move(name), tenant); };
    const Result<Ref<Principal>> principal = principal_of(token.claims, settings_.rules, make);
    if (!principal) return report_.refused(principal.error(), credentials);
    return report_.accepted(*principal, credentials);
}

}  // namespace junctor
