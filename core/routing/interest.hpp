#pragma once

#include <optional>
#include <unordered_map>

#include "core/model/errc.hpp"
#include "core/ports/backend.hpp"
#include "core/ports/mailbox.hpp"
#include "core/routing/topic_trie.hpp"
#include "core/runtime/core.hpp"

namespace junctor {

/// Tells every other core and the backend which filters this core wants: only 0 <-> 1 crosses (DESIGN 5.6), and that the first of
/// them is durable. A shared filter is wanted by its group's home; the other cores of its members tell only that one. A filter is
/// confirmed when all who were told have answered; until then a withdrawal waits, so that their answers cannot be mistaken.
class Interest {
public:
    class Owner {
    public:
        /// The outcome of a `hold` that did not answer at once.
        virtual void settled(NodeId node, Errc code) = 0;
        /// The node is about to go.
        virtual void withdrawn(NodeId node) noexcept = 0;

    protected:
        ~Owner() = default;
    };

    Interest(Core& core, TopicTrie& trie, Backend& backend, Owner& owner) noexcept
        : core_(core), trie_(trie), backend_(backend), owner_(owner) {}

    /// One more subscription of this core wants the node's filter. The outcome where it is known at once. After an error,
    /// `release` it.
    std::optional<Errc> hold(NodeId node, const TopicFilter& filter, bool durable);
    /// One less. With the last one the filter is withdrawn everywhere and its node goes.
    void release(NodeId node, bool durable) noexcept;

    void core_answered(NodeId node, Errc code) { answered(node, code); }
    void backend_answered(const TopicFilter& filter, Errc code);

private:
    struct Pending {
        std::uint32_t missing = 0;
        Errc code = Errc::ok;
    };

    void announce(NodeId node, const TopicFilter& filter, bool to_backend);
    void withdraw(NodeId node) noexcept;
    void answered(NodeId node, Errc code);
    bool only_to_home(const TopicFilter& filter) const noexcept { return filter.shared() && home_of(filter) != core_.id(); }
    CoreId home_of(const TopicFilter& filter) const noexcept { return core_.home_of(filter.tenant(), filter.canonical()); }
    std::uint32_t tell(Mail::What what, Token token, const TopicFilter& filter, bool durable);
    void post(CoreId to, Mail::What what, Token token, const TopicFilter& filter, bool durable);

    Core& core_;
    TopicTrie& trie_;
    Backend& backend_;
    Owner& owner_;
    std::unordered_map<NodeId, Pending> pending_;
    NodeId announcing_ = 0;  ///< its answers may come before `announce` returns
    Errc announced_ = Errc::ok;
};

}  // namespace junctor
