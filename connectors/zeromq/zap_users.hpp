#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/clock.hpp"
#include "core/model/principal.hpp"

namespace junctor::zeromq {

/// Who the connections of one connector were found to be, under the names that libzmq tells with each of their messages: `<number>.<connection>`.
///
/// One number for each vouching: who shows another token, or the new password, is somebody else here, so that nothing of the older one
/// counts longer than it does. Each connection has a name of its own, since what libzmq knows it by is another one's later. libzmq does not tell when a number is needed no more, so there is a limit: who was looked for longest ago goes,
/// and is unknown if he has been silent since his connection began. Lives on one core.
class ZapUsers {
public:
    explicit ZapUsers(std::size_t most) noexcept : most_(most) {}

    /// Somebody has just been vouched for; answers the name of its connection.
    std::string enter(PrincipalRef principal, TimePoint now);

    /// Null: nobody known. One whose vouching is to be asked about time and again is in doubt where that has not happened for long.
    PrincipalRef find(std::string_view connection, TimePoint now) noexcept;

    std::size_t size() const noexcept { return by_number_.size(); }
    /// How many connections have got a name.
    std::uint64_t named() const noexcept { return last_connection_; }

private:
    struct User {
        std::string number;
        PrincipalRef principal;
        TimePoint vouched;
    };
    using Users = std::list<User>;

    const std::string& number_of(PrincipalRef principal, TimePoint now);
    Users::iterator find_same(const Principal& principal) noexcept;
    void drop_oldest() noexcept;

    const std::size_t most_;
    std::uint64_t last_number_ = 0;
    std::uint64_t last_connection_ = 0;
    Users users_;  ///< who was looked for last comes first
    std::unordered_map<std::string, Users::iterator> by_number_;
    std::unordered_multimap<std::string, Users::iterator> by_name_;
};

/// The part of a connection's name that all of the same vouching share.
constexpr std::string_view number_in(std::string_view connection) noexcept { return connection.substr(0, connection.find('.')); }

/// The other part: the how-many-th connection it is to get a name; 0: no name.
std::uint64_t connection_in(std::string_view connection) noexcept;

/// Vouched for alike, by one and the same word.
bool same_vouching(const Principal& one, const Principal& other) noexcept;

}  // namespace junctor::zeromq
