#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.hpp"

namespace junctor {

class DirectoryConversation;

/// A directory that knows users and their groups, asked over LDAP by libldap. Blocks: for a worker's thread, where every wait is
/// bounded by `Settings::timeout`. From any thread: a question has a connection for itself while it lasts, and leaves it to the next one. One
/// that has ended meanwhile is replaced without anybody noticing.
class Directory {
public:
    enum class Encryption : std::uint8_t { none, start_tls, ldaps };

    struct Settings {
        std::string url;  ///< `ldap://host:port` or `ldaps://...`
        Encryption encryption = Encryption::start_tls;
        std::string ca;   ///< whom to trust, PEM; empty: the system's
        Duration timeout = std::chrono::seconds(5);
        std::string user_dn;        ///< where users are, with `${user}`; else they are searched for:
        std::string bind_dn;        ///< as whom; empty: anonymously
        std::string bind_password;
        std::string base;
        std::string filter;         ///< with `${user}`
        std::string name_attribute = "uid";  ///< what the principal is called: a directory does not tell Ann from ann
        std::string group_base;     ///< empty: no groups
        std::string group_filter;   ///< with `${dn}` or `${user}`
        std::string group_attribute = "cn";
    };

    struct Answer {
        enum class Outcome : std::uint8_t {
            right,
            wrong,
            unknown,  ///< no such user
            away,     ///< it did not answer, or not what it should
        };
        Outcome outcome = Outcome::away;
        std::string name;  ///< right: as the directory writes it
        std::vector<std::string> groups;
        std::string trouble;  ///< away: for the log
    };

    /// Connections that are kept for the next questions, each for so long.
    static constexpr std::size_t most_kept = 8;
    static constexpr Duration kept_for = std::chrono::seconds(60);

    explicit Directory(Settings settings);
    ~Directory();

    /// Neither text is empty: a simple bind without a password proves nothing (RFC 4513 section 5.1.2).
    Answer check(const std::string& user, const std::string& password) const;

private:
    class Pool;

    Answer ask(std::unique_ptr<DirectoryConversation> conversation, const std::string& user, const std::string& password) const;

    const Settings settings_;
    const std::unique_ptr<Pool> pool_;
};

}  // namespace junctor
