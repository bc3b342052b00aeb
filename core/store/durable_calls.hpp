#pragma once

#include <cstdint>
#include <functional>

#include "core/base/ring.hpp"
#include "core/store/journal.hpp"

namespace junctor {

/// Answers that must not come before what they tell is durable. Of one core, on its thread.
class DurableCalls final : private CommitListener {
public:
    /// `journal` outlives this.
    explicit DurableCalls(Journal& journal) : journal_(journal) { journal.add(*this); }

    /// Calls when what the caller has just written into the journal's batch is durable; at once where there is no store. In order.
    void add(std::function<void()> call);

private:
    struct Waiting {
        std::uint64_t position = 0;
        std::function<void()> call;
    };

    void committed(std::uint64_t position) noexcept override;

    Journal& journal_;
    Ring<Waiting> waiting_;
};

}  // namespace junctor
