#pragma once

#include <string>
#include <vector>

#include "core/base/clock.hpp"

namespace junctor {

/// A directory that knows users and their groups, asked over LDAP by libldap. Blocks: for a worker's thread, where every wait is
/// bounded by `Settings::timeout`. Immutable; each question has a connection of its own.
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

    explicit Directory(Settings settings) : settings_(std::move(settings)) {}

    /// Neither text is empty: a simple bind without a password proves nothing (RFC 4513 section 5.1.2).
    Answer check(const std::string& user, const std::string& password) const;

private:
    const Settings settings_;
};

}  // namespace junctor
