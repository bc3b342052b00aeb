#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/model/owned_draft.hpp"
#include "core/ports/session.hpp"
#include "policy/departed.hpp"
#include "policy/judge.hpp"

namespace junctor {

/// What an operation has to know before it can be carried out: verb and object. Views into what the operation holds.
struct Unknown {
    Verb verb;
    std::string_view object;
};

/// The operations of one core's sessions that wait for the policy's word, and whatever the same session has asked for since: first in,
/// first out (DESIGN 3). Sessions without any cost nothing but a look at an empty table. Bounded in bytes, per session and together;
/// a session that has something here is told to read no more from its client meanwhile.
class Undecided {
public:
    /// Tries an operation of `by`: nothing where it is done, else what is to be asked first.
    using Attempt = std::function<std::vector<Unknown>(Session& by)>;

    struct Operation {
        Attempt attempt;
        std::size_t bytes = 0;
        bool outlives = false;  ///< nobody waits for an answer: the end of its session does not end it
    };

    /// What happens with sessions that are there only for what has outlived them.
    class Owner {
    public:
        virtual void opened(Departed& departed) noexcept = 0;
        virtual void ended(Departed& departed) noexcept = 0;

    protected:
        ~Owner() = default;
    };

    Undecided(Core& core, Judge& judge, Owner& owner);
    ~Undecided();

    /// Something of this session waits: whatever it wants now has to wait behind it.
    bool waits(const Session& session) const noexcept { return !lines_.empty() && lines_.contains(session.id()); }

    /// Tries it when its turn comes, and asks what it needs to know. False: too much waits already.
    bool add(Session& by, Operation operation);

    /// The session goes. What outlives it goes on, in its order, on behalf of a stand-in; the rest is forgotten.
    void leave(Session& session) noexcept;

    std::size_t bytes() const noexcept { return bytes_; }

private:
    class Line;

    bool admits(const Line* line, std::size_t bytes) const noexcept;
    void advance(Line& line) noexcept;
    void finish(Line& line) noexcept;
    Line* find(SessionId id) const noexcept;
    void count(std::int64_t operations, std::int64_t bytes) noexcept;

    Core& core_;
    Judge& judge_;
    Owner& owner_;
    std::unordered_map<SessionId, std::unique_ptr<Line>> lines_;
    std::size_t bytes_ = 0;
};

}  // namespace junctor
