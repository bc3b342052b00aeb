#pragma once

#include <functional>
#include <optional>
#include <unordered_map>

#include "core/model/errc.hpp"
#include "core/ports/backend.hpp"
#include "core/ports/mailbox.hpp"
#include "core/routing/topic_trie.hpp"
#include "core/runtime/core.hpp"

namespace junctor {

/// Tells every other core and the backend which filters this core wants: only 0 <-> 1 crosses (DESIGN 5.6). A filter is confirmed
/// when all of them have answered; until then a withdrawal waits, so that their answers cannot be mistaken.
class Interest {
public:
    /// `settled` is called for filters whose `hold` did not answer at once.
    Interest(Core& core, TopicTrie& trie, Backend& backend, std::function<void(NodeId, Errc)> settled)
        : core_(core), trie_(trie), backend_(backend), settled_(std::move(settled)) {}

    /// One more subscription of this core wants the node's filter. The outcome where it is known at once. After an error,
    /// `release` it.
    std::optional<Errc> hold(NodeId node, const TopicFilter& filter);
    /// One less. With the last one the filter is withdrawn everywhere and its node goes.
    void release(NodeId node) noexcept;

    void core_answered(NodeId node) { answered(node, Errc::ok); }
    void backend_answered(const TopicFilter& filter, Errc code);

private:
    struct Pending {
        std::uint32_t missing;
        Errc code;
    };

    void announce(NodeId node, const TopicFilter& filter);
    void withdraw(NodeId node) noexcept;
    void answered(NodeId node, Errc code);
    void tell_others(Mail::What what, NodeId node, const TopicFilter& filter);

    Core& core_;
    TopicTrie& trie_;
    Backend& backend_;
    std::function<void(NodeId, Errc)> settled_;
    std::unordered_map<NodeId, Pending> pending_;
    NodeId announcing_ = 0;  ///< its answers may come before `announce` returns
    Errc announced_ = Errc::ok;
};

}  // namespace junctor
