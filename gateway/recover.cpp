#include "gateway/recover.hpp"

#include <functional>
#include <future>
#include <string>
#include <thread>

#include "core/observe/log.hpp"
#include "core/ports/mailbox.hpp"
#include "core/runtime/event_loop.hpp"
#include "core/runtime/runtime.hpp"
#include "core/store/journal.hpp"
#include "policy/policy_gate.hpp"
#include "policy/recovery.hpp"

namespace junctor {
namespace {

/// On that core; returns when it has run.
void run_on(Runtime& runtime, CoreId core, const std::function<void(Core&)>& task) {
    std::promise<void> done;
    runtime.loop(core).post([&](Core& at) {
        task(at);
        done.set_value();
    });
    done.get_future().get();
}

/// Returns when the mail that `from` has posted so far has been read by `to`: each pair of cores keeps its own in order.
void wait_for_mail(Runtime& runtime, CoreId from, CoreId to) {
    std::promise<void> read;
    run_on(runtime, from, [&](Core& core) {
        Mail mail;
        mail.what = Mail::What::call;
        mail.from = from;
        mail.task = std::make_unique<std::function<void(Core&)>>([&read](Core&) { read.set_value(); });
        core.mailbox().post(to, std::move(mail));
    });
    read.get_future().get();
}

/// Returns when all that the core has written so far is durable, or the store does not take it: histories begin with offsets that are.
void wait_for_commit(Runtime& runtime, CoreId core) {
    constexpr auto pause = std::chrono::milliseconds(1);
    std::uint64_t position = 0;
    run_on(runtime, core, [&](Core& at) { position = at.journal().position() - (at.journal().staged() ? 0 : 1); });
    for (bool waits = true; waits;) {
        run_on(runtime, core, [&](Core& at) {
            Journal& journal = at.journal();
            waits = journal.accepts() && !journal.is_durable(position);
        });
        if (waits) std::this_thread::sleep_for(pause);
    }
}

}  // namespace

void recover(Recovery& recovery, const HistoryRulesPtr& history, Runtime& runtime, const std::vector<std::unique_ptr<PolicyGate>>& gates) {
    std::size_t sessions = 0;
    run_on(runtime, {0}, [&](Core&) { gates.front()->restore(recovery.take_revocations()); });
    for (std::uint16_t core = 0; core < runtime.core_count(); ++core) {
        run_on(runtime, {core}, [&](Core&) {
            recovery.restore(*gates[core], history);
            sessions += gates[core]->durable_sessions().size();
        });
    }
    // What each wants, and then what all the others answer: only then a backend may bring anything.
    for (int way = 0; way < 2; ++way)
        for (std::uint16_t from = 0; from < runtime.core_count(); ++from)
            for (std::uint16_t to = 0; to < runtime.core_count(); ++to)
                if (from != to) wait_for_mail(runtime, {from}, {to});
    for (std::uint16_t core = 0; core < runtime.core_count(); ++core) wait_for_commit(runtime, {core});
    log_info("store", "what was stored is back", {{"sessions", std::to_string(sessions)}});
    if (recovery.unreadable() + recovery.lost() > 0)
        log_error("store", "records are damaged and were left out",
                  {{"records", std::to_string(recovery.unreadable())}, {"messages_lost", std::to_string(recovery.lost())}});
}

}  // namespace junctor
