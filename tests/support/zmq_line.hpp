#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/clock.hpp"

namespace junctor::test {

class ZmqEnd;

using ZmqFrames = std::vector<std::string>;

/// One connection between a client's socket and a door's, with what waits on both ways.
struct ZmqLine {
    enum class State : std::uint8_t { asking, open, lingering, closed };

    struct Piece {
        ZmqFrames frames;
        std::function<void()> taken = {};  ///< the door has received it
        bool ghost = false;                ///< libzmq's own word for a connection that has gone: it bears no number
        std::uint64_t place = 0;           ///< in the order in which pieces arrived
    };

    /// What the client wants to know.
    struct Events {
        std::function<void(const std::string& prefix)> admitted = [](const std::string&) {};  ///< by the door, which received it last
        /// Its queue is full, and has been waited for so long; for ever, when a message has been dropped and not half of it was read since.
        std::function<void(const ZmqFrames& message, Duration waited)> dropped = [](const ZmqFrames&, Duration) {};
        std::function<void()> noticed = [] {};  ///< the door knows that it has ended
    };

    bool open() const noexcept { return state == State::open; }
    bool closed() const noexcept { return state == State::closed; }
    /// The door's socket has ended in order: what it has sent can still be read, but by whom it had cut off before.
    void linger() noexcept {
        if (closed()) return;
        in_order = true;
        state = open() && !out.empty() ? State::lingering : State::closed;
        wire.clear();
    }
    /// What is on the way is lost; what has arrived is not.
    void close() noexcept {
        state = State::closed;
        wire.clear();
        out.clear();
    }
    /// The client's side: the next piece reaches the door's queue. False: there is none, or no room.
    bool carry();
    /// The client reads; nullopt: there is nothing.
    std::optional<ZmqFrames> read();

    State state = State::asking;
    bool in_order = false;      ///< it ended with the door's socket
    ZmqEnd* end = nullptr;      ///< the door's socket; null: it has gone
    int number = -1;            ///< the descriptor that the gateway's side knows it by
    std::string user;           ///< as ZAP's answer says
    std::deque<Piece> wire;     ///< from the client, under way
    std::deque<Piece> in;       ///< from the client, arrived
    std::deque<ZmqFrames> out;  ///< to the client
    std::set<std::string> prefixes;
    bool left_out = false;      ///< its queue was full when a message came, and it has not read half of it since
    bool full = false;          ///< and whoever writes may wait for room
    Events events;
};

}  // namespace junctor::test
