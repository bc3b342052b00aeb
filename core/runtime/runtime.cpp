#include "core/runtime/runtime.hpp"

#include <openssl/crypto.h>
#include <sched.h>

#include <exception>
#include <future>
#include <thread>

#include "core/runtime/stream_host.hpp"

namespace junctor {

namespace {

std::uint16_t usable_processors() noexcept {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return static_cast<std::uint16_t>(CPU_COUNT(&set));
}

}  // namespace

struct Runtime::State {
    State(Options given, Clock& clock)
        : options(std::move(given)), mesh(options.cores != 0 ? options.cores : usable_processors()), host(loops, options.http) {
        for (std::uint16_t i = 0; i < mesh.size(); ++i) {
            limits.push_back(std::make_unique<Limits>(options.limits));
            loops.push_back(std::make_unique<EventLoop>(EventLoop::Parts{{i}, clock, *limits.back(), mesh, options.store}));
            sets.push_back(std::make_unique<StreamSet>(*loops.back(), connections, sets));
        }
        acceptors.resize(mesh.size());
    }

    Options options;
    CoreMesh mesh;
    std::vector<std::unique_ptr<Limits>> limits;  ///< one per core, changed only there
    ConnectionCount connections;
    StreamHost::Loops loops;
    StreamHost host;
    StreamSet::Sets sets;
    std::vector<StreamHost::Acceptors> acceptors;
    std::vector<std::thread> threads;

    /// Runs `task(core number)` on every core, one after the other, and waits. The first exception comes back, and ends it.
    template <class Task>
    void on_each_core(Task task) {
        for (std::uint16_t i = 0; i < mesh.size(); ++i) {
            std::promise<void> done;
            loops[i]->post([&](Core&) {
                try {
                    task(i);
                    done.set_value();
                } catch (...) {
                    done.set_exception(std::current_exception());
                }
            });
            done.get_future().get();
        }
    }

    /// Mail between two cores keeps its order: what each now says to every other comes behind all that it has said before.
    void hear_each_other() {
        struct Unheard {
            std::atomic<std::size_t> count;
            std::promise<void> none;
        };
        const auto unheard = std::make_shared<Unheard>();
        unheard->count = std::size_t{mesh.size()} * mesh.size();
        for (std::uint16_t from = 0; from < mesh.size(); ++from)
            loops[from]->post([unheard, cores = mesh.size()](Core& core) {
                const auto hear = [unheard](Core&) {
                    if (--unheard->count == 0) unheard->none.set_value();
                };
                hear(core);
                for (std::uint16_t to = 0; to < cores; ++to) {
                    if (CoreId{to} == core.id()) continue;
                    Mail mail;
                    mail.task = std::make_unique<std::function<void(Core&)>>(hear);
                    core.mailbox().post({to}, std::move(mail));
                }
            });
        unheard->none.get_future().get();
    }

    void update_acceptors() {
        on_each_core([this](std::uint16_t core) { host.update_acceptors(*sets[core], acceptors[core]); });
    }

    void drain(const Departure& departure) {
        on_each_core([&](std::uint16_t core) { sets[core]->drain(departure); });
    }

    void run_core(std::uint16_t core) {
        loops[core]->run();
        acceptors[core].clear();
        sets[core]->abort_all(CloseReason::server_shutdown);
        loops[core]->flush_journal();
    }
};

Runtime::Runtime(Options options, Clock& clock) : state_(std::make_unique<State>(std::move(options), clock)) {
    // On this thread: what OpenSSL keeps for the thread that first needs it would be lost with a core's.
    OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, nullptr);
}

Runtime::~Runtime() { stop(); }

std::uint16_t Runtime::core_count() const noexcept { return state_->mesh.size(); }
EventLoop& Runtime::loop(CoreId core) noexcept { return *state_->loops[core.value]; }
Host& Runtime::host() noexcept { return state_->host; }
OwnerId Runtime::set_owner(std::string owner, OwnerId known) { return state_->host.set_owner(std::move(owner), known); }
void Runtime::set_tls(const Address& address, const TlsSettings& settings) { state_->host.set_tls(address, settings); }
std::size_t Runtime::connections() const noexcept { return state_->connections.get(); }

void Runtime::start(const std::function<void(EventLoop&)>& setup, const std::function<void()>& ready) {
    State& state = *state_;
    state.host.prepare();
    state.host.commit();
    for (std::uint16_t i = 0; i < core_count(); ++i) state.threads.emplace_back([&state, i] { state.run_core(i); });
    state.on_each_core([&](std::uint16_t core) { setup(*state.loops[core]); });
    ready();
    state.host.release_posted();
    state.update_acceptors();
}

void Runtime::prepare(const std::vector<OwnerId>& kept, const std::function<void()>& register_new) {
    state_->host.begin_draft(kept);
    try {
        register_new();
        state_->host.prepare();
    } catch (...) {
        state_->host.abandon();
        throw;
    }
}

void Runtime::commit() {
    const Departure departure = state_->host.commit();
    state_->update_acceptors();
    state_->host.release_posted();
    state_->drain(departure);
}

void Runtime::set_limits(const Limits& limits) {
    state_->options.limits = limits;
    state_->on_each_core([&](std::uint16_t core) { *state_->limits[core] = limits; });
}

void Runtime::settle(int times) {
    if (state_->threads.empty()) return;
    for (; times > 0; --times) state_->hear_each_other();
}

std::size_t Runtime::drain(const std::optional<Spared>& spared) {
    static const std::atomic<std::uint32_t> none{0};
    State& state = *state_;
    if (state.threads.empty()) return 0;
    Departure everybody;
    everybody.all = true;
    const Endpoint* endpoint = spared ? state.host.endpoint(spared->address) : nullptr;
    if (endpoint) everybody.spare(*endpoint, spared->owner);
    state.on_each_core([&](std::uint16_t core) {
        std::erase_if(state.acceptors[core], [&](const auto& entry) { return !endpoint || entry.first != spared->address; });
    });
    state.drain(everybody);
    return state.connections.wait_for_none(state.options.limits.drain_timeout, endpoint ? endpoint->connections : none);
}

void Runtime::stop() {
    for (const auto& loop : state_->loops) loop->stop();
    for (std::thread& thread : state_->threads) thread.join();
    state_->threads.clear();
}

std::vector<const Metrics*> Runtime::metrics() const {
    std::vector<const Metrics*> all;
    for (const auto& loop : state_->loops) all.push_back(&loop->metrics());
    return all;
}

}  // namespace junctor
