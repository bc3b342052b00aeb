#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

#include "core/ports/mailbox.hpp"
#include "core/routing/commits.hpp"
#include "core/routing/group_members.hpp"
#include "core/routing/topic_trie.hpp"
#include "core/runtime/core.hpp"

namespace junctor {

/// The groups of shared subscriptions (DESIGN 5.6): a message goes to one member of each. A group's home core gets one copy, chooses a
/// core with members by turns, in proportion to their number, and that core a member. Who has none that is ready sends the message
/// back to the home, which asks the others first. Messages that a member leaves behind come back to the home likewise.
///
/// Every core with members has an entry for the group, and its home.
class SharedGroups {
public:
    class Owner {
    public:
        /// None of this gateway's members takes what is for that group. Where somebody else may, `need` waits for that.
        virtual void nobody_takes(const TopicFilter& group, const EnvelopePtr& envelope, CommitNeed& need) noexcept = 0;

    protected:
        ~Owner() = default;
    };

    SharedGroups(Core& core, const TopicTrie& trie, FanOut& fan_out, ReceiveRule& rule, Commits& commits, Owner& owner) noexcept
        : core_(core), trie_(trie), fan_out_(fan_out), rule_(rule), commits_(commits), owner_(owner) {}

    bool home_here(const TopicFilter& filter) const noexcept;
    /// Is this core the home of the group whose node this is?
    bool leads(NodeId node) const noexcept;

    /// A session of this core joins, with its new options if it is in already; or leaves.
    void set_member(NodeId node, Session& session, const SubscribeOptions& options);
    void remove_member(NodeId node, const Session& session) noexcept;

    /// At home: another core has members, or none any more. Returns the number by which mail names the group.
    std::uint64_t add_core(NodeId node, CoreId core);
    void remove_core(NodeId node, CoreId core) noexcept;
    /// On another core: the number from home.
    void set_number(NodeId node, std::uint64_t number);
    /// The node goes.
    void forget(NodeId node) noexcept;

    /// At home: to one member of that group, which may have gone. Adds to `need` what its being stored waits for.
    void deliver(const TopicFilter& filter, const EnvelopePtr& envelope, CommitNeed& need) noexcept;
    void deliver(NodeId node, const EnvelopePtr& envelope, CommitNeed& need) noexcept;
    /// At home: a `send`, to one member. Nullopt: another core is asked, and `done` hears what has come of it: `queued` when it is durable
    /// there, where it has to be. `stored` is this core's journal's.
    std::optional<DeliverResult> send(NodeId node, const EnvelopePtr& envelope, std::function<void(DeliverResult)> done);
    /// Another core has what it was asked to take. False: that was no `send`.
    bool has_taken(std::uint64_t number) noexcept;
    /// What a session that has left had not got done: to other members.
    void give_back(const std::vector<HandedBack>& messages) noexcept;

    void receive_message(Mail&& mail) noexcept;
    void receive_refused(Mail&& mail) noexcept;
    void receive_back(Mail&& mail) noexcept;
    void receive_count(const Mail& mail) noexcept;

private:
    struct Group {
        Group(NodeId its_node, CoreId its_home, TopicFilter filter)
            : node(its_node), home(its_home), name(new SharedGroup(std::move(filter))) {}

        NodeId node;
        CoreId home;
        Ref<const SharedGroup> name;
        std::uint64_t number = 0;  ///< nobody else has it, later either; 0: not known yet
        GroupMembers members;      ///< here
        std::vector<std::uint32_t> counts;  ///< at home: how many members each core has; 1 also while a first one is about to come
        std::uint32_t turn = 0;
    };
    enum class Found : std::uint8_t { nobody, given, stored, asked };  ///< the last: another core

    /// How far the search for a member has come; travels in `Mail::count`.
    struct Search {
        GroupMembers::Readiness at_least = GroupMembers::Readiness::now;
        std::uint8_t first = 0;  ///< the core that was asked first
        std::uint8_t tried = 0;
    };

    /// Shared, because a member may leave from within its delivery, and the group with it.
    using GroupPtr = std::shared_ptr<Group>;

    GroupPtr entry(NodeId node);
    GroupPtr find(NodeId node) const noexcept;
    GroupPtr find_number(std::uint64_t number) const noexcept;
    void report_count(Group& group) noexcept;
    Search begin(Group& group) const noexcept;
    Found search(Group& group, const EnvelopePtr& envelope, Search from, std::uint64_t number, bool joint) noexcept;
    bool end_send(std::uint64_t number, DeliverResult result) noexcept;
    void ask(CoreId core, const Group& group, const EnvelopePtr& envelope, Search search, std::uint64_t number, bool joint) noexcept;
    Mail make(Mail::What what, std::uint64_t group, const EnvelopePtr& envelope, std::uint32_t count) const noexcept;

    static DeliverResult result_of(Found found) noexcept;
    static std::uint32_t packed(Search search) noexcept;
    static Search unpacked(std::uint32_t count) noexcept;

    Core& core_;
    const TopicTrie& trie_;
    FanOut& fan_out_;
    ReceiveRule& rule_;
    Commits& commits_;
    Owner& owner_;
    std::uint64_t last_number_ = 0;
    std::unordered_map<NodeId, GroupPtr> groups_;
    std::unordered_map<std::uint64_t, GroupPtr> numbers_;
    std::unordered_map<std::uint64_t, std::function<void(DeliverResult)>> sends_;  ///< that another core is asked about
};

}  // namespace junctor
