#include "core/store/durable_calls.hpp"

#include <utility>

namespace junctor {

void DurableCalls::add(std::function<void()> call) {
    if (!journal_.stores()) return call();
    waiting_.push_back({journal_.position(), std::move(call)});
}

void DurableCalls::committed(std::uint64_t position) noexcept {
    while (!waiting_.empty() && waiting_.front().position <= position) waiting_.pop_front().call();
}

}  // namespace junctor
