#include "policy/authenticators/ldap/ldap.hpp"

#include "core/base/setup_error.hpp"
#include "core/observe/log.hpp"

namespace junctor {
namespace {

using Outcome = AuthenticationStep::Outcome;
using Found = Directory::Answer::Outcome;

constexpr Duration pause_after_trouble = std::chrono::seconds(1);

AuthenticationStep refusal(std::string reason) {
    AuthenticationStep step(Outcome::deny);
    step.reason = std::move(reason);
    return step;
}

}  // namespace

/// On its way through the workers. The answer crosses threads by the pool's and the core's queues.
struct DirectoryUsers::Question {
    std::string user;
    std::string password;
    Directory::Answer answer;
    AuthenticationDone done;  ///< touched on the asking core alone; none: nobody waits any more

    ~Question() { wipe(password); }
};

class DirectoryUsers::Waiting final : public Authentication {
public:
    explicit Waiting(std::shared_ptr<Question> question) : question_(std::move(question)) {}
    ~Waiting() override { question_->done = nullptr; }
    void next(Bytes) override {}

private:
    std::shared_ptr<Question> question_;
};

DirectoryUsers::DirectoryUsers(Check check, Duration remembered, PolicyParts parts, WorkerPool& pool)
    : check_(std::move(check)), parts_(std::move(parts)), pool_(pool), replies_(std::make_shared<Replies>(parts_.post)), verified_(remembered) {}

DirectoryUsers::~DirectoryUsers() { replies_->end(); }

AuthenticationStep DirectoryUsers::admit(const std::string& user, std::vector<std::string> groups) const {
    const Ref<Principal> principal = parts_.principal(user);
    if (!principal) return refusal("not authenticated");
    principal->groups = std::move(groups);
    AuthenticationStep step(Outcome::allow);
    step.principal = principal;
    return step;
}

AuthenticationStep DirectoryUsers::verdict(const Question& question) {
    const Directory::Answer& answer = question.answer;
    switch (answer.outcome) {
        case Found::unknown: return AuthenticationStep(Outcome::abstain);
        case Found::wrong: return refusal("not authenticated");
        case Found::away:
            away_until_ = parts_.clock.now() + pause_after_trouble;
            log_warning("policy", "the directory is away; nobody new is let in", {{"authenticator", parts_.name}, {"because", answer.trouble}});
            return refusal("the directory does not answer");
        case Found::right: break;
    }
    // The name that the directory has for it stands first among what is remembered.
    std::vector<std::string> kept{answer.name};
    kept.insert(kept.end(), answer.groups.begin(), answer.groups.end());
    verified_.remember(question.user, question.password, 0, parts_.clock.now(), std::move(kept));
    return admit(answer.name, answer.groups);
}

std::unique_ptr<Authentication> DirectoryUsers::begin(const Credentials& credentials, AuthenticationDone done) {
    const bool others = !credentials.bearer.empty() || !credentials.method.empty() || !credentials.public_key.empty();
    if (others || credentials.user.empty()) return done(AuthenticationStep(Outcome::abstain)), nullptr;
    if (!credentials.has_password) {
        const bool certificate = !credentials.certificate_subject.empty();
        return done(certificate ? AuthenticationStep(Outcome::abstain) : refusal("a password is needed")), nullptr;
    }
    // A directory takes a bind without a password for an anonymous one, and says yes.
    if (credentials.password.empty()) return done(refusal("a password is needed")), nullptr;
    const TimePoint now = parts_.clock.now();
    if (auto known = verified_.knows(credentials.user, credentials.password, 0, now)) {
        const std::string name = std::move(known->front());
        known->erase(known->begin());
        return done(admit(name, std::move(*known))), nullptr;
    }
    if (now < away_until_.load()) return done(refusal("the directory does not answer")), nullptr;
    return ask(credentials, std::move(done));
}

std::unique_ptr<Authentication> DirectoryUsers::ask(const Credentials& credentials, AuthenticationDone done) {
    auto question = std::make_shared<Question>();
    question->user = credentials.user;
    question->password = credentials.password;
    question->done = std::move(done);
    // This authenticator may be gone when the answer is there, and then its conversations are too.
    const auto answer = [this, question] {
        if (!question->done) return;
        const AuthenticationDone told = question->done;
        told(verdict(*question));
    };
    const bool taken = pool_.submit([question, answer, check = check_, replies = replies_, core = credentials.core] {
        question->answer = check(question->user, question->password);
        replies->send(core, [answer](Core&) { answer(); });
    });
    if (taken) return std::make_unique<Waiting>(std::move(question));
    const AuthenticationDone refused = std::move(question->done);
    refused(refusal("too many log in at once; try again soon"));
    return nullptr;
}

namespace authenticators::ldap {
namespace {

/// Shared by all directories of the process: as many questions at once as a directory likes, and few enough to be bounded.
WorkerPool& pool() {
    static WorkerPool workers(8, 1'000);
    return workers;
}

bool on_this_machine(std::string_view url) {
    std::string_view host = url.substr(url.find("://") + 3);
    host = host.substr(0, host.find('/'));
    host = host.substr(0, host.find(':', host.starts_with('[') ? host.find(']') : 0));
    const bool numeric = host.find_first_not_of("0123456789.") == std::string_view::npos;
    return host == "localhost" || host == "[::1]" || (numeric && host.starts_with("127."));
}

Directory::Encryption encryption_in(const config::Section& entry) {
    const std::string& url = entry.text("url");
    if (url.starts_with("ldaps://")) return Directory::Encryption::ldaps;
    if (!url.starts_with("ldap://")) throw SetupError(entry.where("url") + ": write it like ldap://directory.example or ldaps://directory.example");
    if (entry.text("start_tls") == "required") return Directory::Encryption::start_tls;
    if (!on_this_machine(url)) throw SetupError(entry.where("start_tls") + ": passwords would cross the network readable by everybody");
    return Directory::Encryption::none;
}

/// `field` with `${mark}` in it.
std::string with_mark(const config::Section& section, std::string_view field, std::string_view mark) {
    const std::string& text = section.text(field);
    if (text.find("${" + std::string(mark) + "}") == std::string::npos)
        throw SetupError(section.where(field) + ": has no ${" + std::string(mark) + "} in it, so that everybody would be the same one");
    return text;
}

Directory::Settings settings_in(const config::Section& entry) {
    Directory::Settings settings;
    settings.url = entry.text("url");
    settings.encryption = encryption_in(entry);
    if (entry.has("ca")) settings.ca = entry.text("ca");
    settings.timeout = entry.duration("timeout");
    settings.name_attribute = entry.text("name_attribute");
    if (entry.has("user_dn") == entry.has("search"))
        throw SetupError(entry.where() + ": say where users are by user_dn, or how to find them by search");
    if (entry.has("user_dn")) {
        settings.user_dn = with_mark(entry, "user_dn", "user");
    } else {
        const config::Section& search = entry.section("search");
        settings.base = search.text("base");
        settings.filter = with_mark(search, "filter", "user");
        if (search.has("bind_dn") != search.has("bind_password"))
            throw SetupError(search.where() + ": bind_dn and bind_password belong together; without both the search is anonymous");
        if (search.has("bind_dn")) settings.bind_dn = search.text("bind_dn");
        if (search.has("bind_password")) settings.bind_password = search.text("bind_password");
        if (search.has("bind_password") && settings.bind_password.empty()) throw SetupError(search.where("bind_password") + ": is empty");
    }
    if (!entry.has("groups")) return settings;
    const config::Section& groups = entry.section("groups");
    settings.group_base = groups.text("base");
    settings.group_filter = groups.text("filter");
    settings.group_attribute = groups.text("attribute");
    return settings;
}

config::Schema fields() {
    using config::Type;
    return {
        {.name = "url", .type = Type::text, .doc = "The directory: `ldap://` or `ldaps://`, host and port.", .example = "ldap://directory.example", .required = true},
        {.name = "start_tls",
         .type = Type::choice,
         .doc = "With ldap://, whether the connection must become TLS; off only on this machine.",
         .fallback = "required",
         .choices = {"required", "off"}},
        {.name = "ca", .type = Type::path, .doc = "Who may sign the directory's certificate, PEM. Absent: whom the system trusts.", .example = "ca.pem"},
        {.name = "timeout", .type = Type::duration, .doc = "Longest wait for each of its answers.", .fallback = "5s"},
        {.name = "remember",
         .type = Type::duration,
         .doc = "How long what was right is known without asking again, also while the directory is away; 0s: never.",
         .fallback = "60s"},
        {.name = "name_attribute",
         .type = Type::text,
         .doc = "The attribute whose value is the principal's name, however the user wrote it.",
         .fallback = "uid"},
        {.name = "user_dn",
         .type = Type::text,
         .doc = "The entry to bind as; ${user} is the user name, escaped.",
         .example = "uid=${user},ou=people,dc=example,dc=org", .verbatim = true},
        {.name = "search",
         .type = Type::section,
         .doc = "Or how to find that entry.",
         .fields = {{.name = "base", .type = Type::text, .doc = "Below which entry.", .example = "ou=people,dc=example,dc=org", .required = true},
                    {.name = "filter", .type = Type::text, .doc = "Which one; ${user} is the user name, escaped.", .fallback = "(uid=${user})", .verbatim = true},
                    {.name = "bind_dn", .type = Type::text, .doc = "As whom to search. Absent: anonymously.", .example = "cn=junctor,dc=example,dc=org"},
                    {.name = "bind_password", .type = Type::secret, .doc = "Its password.", .example = "{file: ldap.password}"}}},
        {.name = "groups",
         .type = Type::section,
         .doc = "Where a user's groups are.",
         .fields = {{.name = "base", .type = Type::text, .doc = "Below which entry.", .example = "ou=groups,dc=example,dc=org", .required = true},
                    {.name = "filter", .type = Type::text, .doc = "Which ones; ${dn} is the user's entry, ${user} its name.", .fallback = "(member=${dn})", .verbatim = true},
                    {.name = "attribute", .type = Type::text, .doc = "What a group is called by.", .fallback = "cn"}}},
    };
}

}  // namespace

AuthenticatorDescriptor descriptor() {
    return {.name = "ldap",
            .summary = "Users of an LDAP directory, by a bind with their password, with their groups.",
            .fields = fields(),
            .whom = [](const config::Section&) { return "users of the directory"; },
            .make = [](const config::Section& entry, const PolicyParts& parts) {
                const auto directory = std::make_shared<const Directory>(settings_in(entry));
                const auto check = [directory](const std::string& user, const std::string& password) { return directory->check(user, password); };
                return std::make_shared<DirectoryUsers>(check, entry.duration("remember"), parts, pool());
            }};
}

}  // namespace authenticators::ldap

}  // namespace junctor
