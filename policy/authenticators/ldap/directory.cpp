#include "policy/authenticators/ldap/directory.hpp"

#include <ldap.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

#include "policy/authenticators/ldap/directory_text.hpp"
#include "policy/secrets/distinguished_name.hpp"

namespace junctor {
namespace {

using Answer = Directory::Answer;
using Outcome = Answer::Outcome;

constexpr int most_groups = 1'000;

timeval seconds_of(Duration duration) noexcept {
    const auto us = std::chrono::ceil<std::chrono::microseconds>(duration).count();
    return {static_cast<time_t>(us / 1'000'000), static_cast<suseconds_t>(us % 1'000'000)};
}

struct Trouble {
    std::string sentence;
};

[[noreturn]] void fail(const std::string& what, int code) { throw Trouble{what + ": " + ldap_err2string(code)}; }

struct Entry {
    std::string dn;
    std::vector<std::string> values;  ///< of the attribute asked for
};

}  // namespace

/// One connection and what is said on it. Throws Trouble.
class DirectoryConversation {
public:
    explicit DirectoryConversation(const Directory::Settings& settings) : timeout_(seconds_of(settings.timeout)) {
        if (const int code = ldap_initialize(&handle_, settings.url.c_str()); code != LDAP_SUCCESS) fail("cannot use " + settings.url, code);
        try {
            configure(settings);
        } catch (...) {
            ldap_unbind_ext_s(handle_, nullptr, nullptr);
            throw;
        }
    }
    ~DirectoryConversation() { ldap_unbind_ext_s(handle_, nullptr, nullptr); }
    DirectoryConversation(const DirectoryConversation&) = delete;
    DirectoryConversation& operator=(const DirectoryConversation&) = delete;

    /// LDAP's result code: success or which refusal.
    int bind(const std::string& dn, const std::string& password) {
        berval secret{password.size(), const_cast<char*>(password.data())};
        int id = 0;
        if (const int code = ldap_sasl_bind(handle_, dn.c_str(), LDAP_SASL_SIMPLE, &secret, nullptr, nullptr, &id); code != LDAP_SUCCESS)
            fail("cannot bind", code);
        LDAPMessage* answer = nullptr;
        const int kind = ldap_result(handle_, id, LDAP_MSG_ALL, &timeout_, &answer);
        if (kind <= 0) fail("no answer to a bind", kind == 0 ? LDAP_TIMEOUT : last_error());
        int result = LDAP_OTHER;
        ldap_parse_result(handle_, answer, &result, nullptr, nullptr, nullptr, nullptr, 1);
        return result;
    }

    std::vector<Entry> search(const std::string& base, int scope, const std::string& filter, const std::string& attribute, int most) {
        char* wanted[] = {const_cast<char*>(attribute.c_str()), nullptr};
        LDAPMessage* found = nullptr;
        const int code = ldap_search_ext_s(handle_, base.c_str(), scope, filter.c_str(), wanted, 0, nullptr, nullptr, &timeout_, most, &found);
        const std::unique_ptr<LDAPMessage, int (*)(LDAPMessage*)> kept(found, &ldap_msgfree);
        if (code == LDAP_NO_SUCH_OBJECT) return {};
        // More than are wanted is an answer, too: whoever asked for two has seen that it is not one.
        if (code != LDAP_SUCCESS && code != LDAP_SIZELIMIT_EXCEEDED) fail("cannot search below '" + base + "'", code);
        std::vector<Entry> entries;
        for (LDAPMessage* entry = ldap_first_entry(handle_, found); entry; entry = ldap_next_entry(handle_, entry))
            entries.push_back(read(entry, attribute));
        return entries;
    }

private:
    void configure(const Directory::Settings& settings) {
        const int version = LDAP_VERSION3;
        set(LDAP_OPT_PROTOCOL_VERSION, &version);
        set(LDAP_OPT_NETWORK_TIMEOUT, &timeout_);
        set(LDAP_OPT_TIMEOUT, &timeout_);
        set(LDAP_OPT_REFERRALS, LDAP_OPT_OFF);  // nobody else gets the password
        if (settings.encryption == Directory::Encryption::none) return;
        const int demand = LDAP_OPT_X_TLS_DEMAND;
        const int server = 0;
        set(LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
        if (!settings.ca.empty()) set(LDAP_OPT_X_TLS_CACERTFILE, settings.ca.c_str());
        set(LDAP_OPT_X_TLS_NEWCTX, &server);
        if (settings.encryption != Directory::Encryption::start_tls) return;
        if (const int code = ldap_start_tls_s(handle_, nullptr, nullptr); code != LDAP_SUCCESS) fail("no StartTLS", code);
    }

    void set(int option, const void* value) {
        if (ldap_set_option(handle_, option, value) != LDAP_OPT_SUCCESS) throw Trouble{"libldap does not take option " + std::to_string(option)};
    }

    int last_error() const noexcept {
        int code = LDAP_OTHER;
        ldap_get_option(handle_, LDAP_OPT_RESULT_CODE, &code);
        return code;
    }

    Entry read(LDAPMessage* message, const std::string& attribute) const {
        Entry entry;
        if (char* dn = ldap_get_dn(handle_, message)) {
            entry.dn = dn;
            ldap_memfree(dn);
        }
        berval** values = ldap_get_values_len(handle_, message, attribute.c_str());
        for (int at = 0; values && values[at]; ++at) entry.values.emplace_back(values[at]->bv_val, values[at]->bv_len);
        ldap_value_free_len(values);
        return entry;
    }

    timeval timeout_;
    LDAP* handle_ = nullptr;
};

namespace {

using Conversation = DirectoryConversation;

Answer answer_of(Outcome outcome) {
    Answer answer;
    answer.outcome = outcome;
    return answer;
}

void bind_as_service(Conversation& conversation, const Directory::Settings& settings) {
    if (settings.bind_dn.empty()) return;
    if (const int code = conversation.bind(settings.bind_dn, settings.bind_password); code != LDAP_SUCCESS)
        fail("'" + settings.bind_dn + "' is not let in", code);
}

/// The one entry of that name; nothing when there is none, or more than one.
std::optional<std::string> find_user(Conversation& conversation, const Directory::Settings& settings, const std::string& user) {
    if (!settings.user_dn.empty()) return fill(settings.user_dn, "user", DistinguishedName::escape(user));
    bind_as_service(conversation, settings);
    const std::string filter = fill(settings.filter, "user", escape_filter(user));
    const std::vector<Entry> found = conversation.search(settings.base, LDAP_SCOPE_SUBTREE, filter, settings.name_attribute, 2);
    if (found.size() != 1 || found.front().dn.empty()) return std::nullopt;
    return found.front().dn;
}

std::vector<std::string> groups_of(Conversation& conversation, const Directory::Settings& settings, const std::string& dn, const std::string& name) {
    std::vector<std::string> groups;
    if (settings.group_base.empty()) return groups;
    const std::string filter = fill(fill(settings.group_filter, "dn", escape_filter(dn)), "user", escape_filter(name));
    for (Entry& group : conversation.search(settings.group_base, LDAP_SCOPE_SUBTREE, filter, settings.group_attribute, most_groups))
        if (!group.values.empty()) groups.push_back(std::move(group.values.front()));
    return groups;
}

Answer ask(Conversation& conversation, const Directory::Settings& settings, const std::string& user, const std::string& password) {
    const std::optional<std::string> dn = find_user(conversation, settings, user);
    if (!dn) return answer_of(Outcome::unknown);
    const int code = conversation.bind(*dn, password);
    // A directory does not say which of the two was wrong.
    if (code == LDAP_INVALID_CREDENTIALS || code == LDAP_NO_SUCH_OBJECT || code == LDAP_INVALID_DN_SYNTAX)
        return answer_of(settings.user_dn.empty() ? Outcome::wrong : Outcome::unknown);
    if (code == LDAP_INAPPROPRIATE_AUTH || code == LDAP_UNWILLING_TO_PERFORM) return answer_of(Outcome::wrong);  // no password, locked
    if (code != LDAP_SUCCESS) fail("cannot bind as '" + *dn + "'", code);
    if (settings.user_dn.empty()) bind_as_service(conversation, settings);
    const std::vector<Entry> own = conversation.search(*dn, LDAP_SCOPE_BASE, "(objectClass=*)", settings.name_attribute, 1);
    if (own.size() != 1 || own.front().values.empty())
        throw Trouble{"'" + *dn + "' shows no attribute '" + settings.name_attribute + "'; name another one in name_attribute, or let it be read"};
    Answer answer = answer_of(Outcome::right);
    answer.name = own.front().values.front();
    answer.groups = groups_of(conversation, settings, *dn, answer.name);
    return answer;
}

}  // namespace

/// Connections between two questions. Whoever is bound there counts for nobody: the next question begins with a bind.
class Directory::Pool {
public:
    /// Null: none is there.
    std::unique_ptr<Conversation> take() {
        std::vector<std::unique_ptr<Conversation>> old;  // they say goodbye after the lock is gone
        const std::lock_guard lock(mutex_);
        const auto now = std::chrono::steady_clock::now();
        while (!kept_.empty()) {
            Kept last = std::move(kept_.back());
            kept_.pop_back();
            if (now - last.since < kept_for) return std::move(last.conversation);
            old.push_back(std::move(last.conversation));
        }
        return nullptr;
    }
    void keep(std::unique_ptr<Conversation> conversation) {
        const std::lock_guard lock(mutex_);
        if (kept_.size() < most_kept) kept_.push_back({std::move(conversation), std::chrono::steady_clock::now()});
    }

private:
    struct Kept {
        std::unique_ptr<Conversation> conversation;
        std::chrono::steady_clock::time_point since;
    };
    std::mutex mutex_;
    std::vector<Kept> kept_;  ///< the one used last comes last
};

Directory::Directory(Settings settings) : settings_(std::move(settings)), pool_(std::make_unique<Pool>()) {}

Directory::~Directory() = default;

Answer Directory::ask(std::unique_ptr<Conversation> conversation, const std::string& user, const std::string& password) const {
    if (!conversation) conversation = std::make_unique<Conversation>(settings_);
    Answer answer = junctor::ask(*conversation, settings_, user, password);
    // An anonymous search has no bind that would take away who was bound before.
    if (!settings_.user_dn.empty() || !settings_.bind_dn.empty()) pool_->keep(std::move(conversation));
    return answer;
}

Answer Directory::check(const std::string& user, const std::string& password) const {
    if (user.empty() || password.empty()) return answer_of(Outcome::wrong);
    if (std::unique_ptr<Conversation> kept = pool_->take()) {
        try {
            return ask(std::move(kept), user, password);
        } catch (const Trouble&) {
            // The directory may have closed it, or been started again: a new one knows.
        }
    }
    try {
        return ask(nullptr, user, password);
    } catch (const Trouble& trouble) {
        Answer answer = answer_of(Outcome::away);
        answer.trouble = trouble.sentence;
        return answer;
    }
}

}  // namespace junctor
