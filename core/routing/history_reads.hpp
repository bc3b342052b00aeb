#pragma once

#include <functional>
#include <unordered_map>

#include "core/ports/mailbox.hpp"
#include "core/routing/histories.hpp"

namespace junctor {

/// Asks histories, wherever their home is, and answers what other cores ask.
class HistoryReads {
public:
    using Done = std::function<void(HistoryPage&&)>;

    HistoryReads(Core& core, Histories& histories) noexcept : core_(core), histories_(histories) {}

    /// `done` is called once: before this returns where the home is here, or no history is kept. Else in one step with the arrival of the
    /// answer: of what the page does not have, everything that the home has sent out before is here by then, and nothing that it sends later.
    void ask(HistoryQuestion question, Done done);

    void receive_question(Mail&& mail);
    void receive_page(Mail&& mail);

private:
    Core& core_;
    Histories& histories_;
    std::uint64_t last_number_ = 0;
    std::unordered_map<std::uint64_t, Done> waiting_;
};

}  // namespace junctor
