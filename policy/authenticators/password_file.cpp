#include "policy/authenticators/password_file.hpp"

#include "core/ports/http_credentials.hpp"

namespace junctor {
namespace {

using Outcome = AuthenticationStep::Outcome;

AuthenticationStep refusal(std::string reason) {
    AuthenticationStep step(Outcome::deny);
    step.reason = std::move(reason);
    return step;
}

/// One password on its way through the workers. Only the flag and the outcome cross threads, and only by the pool's and the cores' queues.
struct Check {
    std::string user;
    std::string password;
    bool right = false;
    AuthenticationDone done;  ///< touched on the asking core alone; none: nobody waits any more

    ~Check() { wipe(password); }
};

}  // namespace

class PasswordFile::Waiting final : public Authentication {
public:
    explicit Waiting(std::shared_ptr<Check> check) : check_(std::move(check)) {}
    ~Waiting() override { check_->done = nullptr; }
    void next(Bytes) override {}

private:
    std::shared_ptr<Check> check_;
};

PasswordFile::PasswordFile(std::filesystem::path file, Duration remembered, PolicyParts parts, WorkerPool& pool)
    : parts_(std::move(parts)),
      pool_(pool),
      replies_(std::make_shared<Replies>(parts_.post)),
      verified_(std::make_shared<VerifiedCache>(remembered)),
      source_(std::move(file), parts_.changed) {}

PasswordFile::~PasswordFile() { replies_->end(); }

AuthenticationStep PasswordFile::verdict(const PasswordUser* user, bool right) const {
    if (!user) return AuthenticationStep(Outcome::abstain);
    return right ? allowed(*user, user->password->text()) : refusal("not authenticated");
}

AuthenticationStep PasswordFile::allowed(const PasswordUser& user, std::string_view kept_secret) const {
    AuthenticationStep step(Outcome::allow);
    const Ref<Principal> principal = parts_.principal(user.name);
    if (!principal) return refusal("not authenticated");
    principal->vouched_by = parts_.name;
    principal->shown = mark_of(kept_secret);
    principal->groups = user.groups;
    step.principal = principal;
    return step;
}

AuthenticationStep PasswordFile::by_key(const std::string& key) const {
    const Version version = source_.now();
    const PasswordUser* user = version->table.find_key(key);
    return user ? allowed(*user, user->curve_key) : AuthenticationStep(Outcome::abstain);
}

std::unique_ptr<Authentication> PasswordFile::begin(const Credentials& credentials, AuthenticationDone done) {
    const bool others = !credentials.bearer.empty() || !credentials.method.empty();
    if (!credentials.public_key.empty()) return done(by_key(credentials.public_key)), nullptr;
    if (others || credentials.user.empty()) return done(AuthenticationStep(Outcome::abstain)), nullptr;
    // Whoever names a user has to prove to be it, by this or, where there is one, by a certificate.
    if (!credentials.has_password) {
        const bool certificate = !credentials.certificate_subject.empty();
        return done(certificate ? AuthenticationStep(Outcome::abstain) : refusal("a password is needed")), nullptr;
    }
    if (credentials.password.empty()) return done(refusal("a password is needed")), nullptr;
    Version version = source_.now();
    const PasswordUser* user = version->table.find(credentials.user);
    if (user && verified_->knows(credentials.user, credentials.password, version->number, parts_.clock.now()))
        return done(verdict(user, true)), nullptr;
    return hash(credentials, std::move(version), std::move(done));
}

std::unique_ptr<Authentication> PasswordFile::hash(const Credentials& credentials, Version version, AuthenticationDone done) {
    auto check = std::make_shared<Check>();
    check->user = credentials.user;
    check->password = credentials.password;
    check->done = std::move(done);
    // This authenticator may be gone when the answer is there, and then its conversations are too.
    const auto answer = [this, check, version] {
        if (!check->done) return;
        const PasswordUser* user = version->table.find(check->user);
        if (user && check->right) verified_->remember(check->user, check->password, version->number, parts_.clock.now());
        const AuthenticationDone told = check->done;
        told(verdict(user, check->right));
    };
    const bool taken = pool_.submit([check, version, answer, replies = replies_, core = credentials.core] {
        const PasswordUser* user = version->table.find(check->user);
        const bool real = user && user->password;
        const ScryptHash kept = real ? *user->password : version->table.decoy_password(check->user);
        check->right = kept.matches(check->password) && real;
        replies->send(core, [answer](Core&) { answer(); });
    });
    if (taken) return std::make_unique<Waiting>(std::move(check));
    const AuthenticationDone refused = std::move(check->done);
    refused(refusal("too many log in at once; try again soon"));
    return nullptr;
}

namespace authenticators::password_file {

AuthenticatorDescriptor descriptor() {
    using config::Type;
    return {.name = "password_file",
            .summary = "Users with a password in a file that 'junctor passwd' edits.",
            .fields = {{.name = "file", .type = Type::path, .doc = "The file; a change is noticed by itself.", .example = "users", .required = true},
                       {.name = "remember",
                        .type = Type::duration,
                        .doc = "How long a password that was right is known without hashing it again, so that many clients may come back at "
                               "once; 0s: never.",
                        .fallback = "60s"}},
            .whom = [](const config::Section&) { return "users with a password"; },
            .make = [](const config::Section& entry, const PolicyParts& parts) {
                return std::make_shared<PasswordFile>(entry.text("file"), entry.duration("remember"), parts, hashing_pool());
            }};
}

}  // namespace authenticators::password_file

}  // namespace junctor
