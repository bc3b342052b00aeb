#include "gateway/backbone.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <future>
#include <thread>

#include "core/config/nearest_name.hpp"
#include "core/embedded/embedded_backend.hpp"
#include "core/model/hop_path.hpp"
#include "core/routing/backend_link.hpp"
#include "core/runtime/event_loop.hpp"
#include "core/runtime/runtime.hpp"
#include "core/runtime/system_random.hpp"
#include "gateway/setup_problems.hpp"

namespace junctor {

namespace {

constexpr CoreId home{0};

struct Promise {
    std::string_view name;
    bool (*kept)(const BackendTraits&);
};

constexpr std::array<Promise, 9> promises{{
    {"qos_1", [](const BackendTraits& traits) { return traits.max_qos >= Qos::at_least_once; }},
    {"qos_2", [](const BackendTraits& traits) { return traits.max_qos >= Qos::exactly_once; }},
    {"wildcards", [](const BackendTraits& traits) { return traits.wildcards; }},
    {"retained", [](const BackendTraits& traits) { return traits.retained; }},
    {"history", [](const BackendTraits& traits) { return traits.history; }},
    {"shared_groups", [](const BackendTraits& traits) { return traits.shared_groups; }},
    {"headers", [](const BackendTraits& traits) { return traits.headers; }},
    {"ordered", [](const BackendTraits& traits) { return traits.ordered; }},
    {"durable", [](const BackendTraits& traits) { return traits.durable; }},
}};

std::vector<std::string> promise_names() {
    std::vector<std::string> names;
    for (const Promise& each : promises) names.emplace_back(each.name);
    return names;
}

std::string made_up_name() {
    static constexpr char digits[] = "0123456789abcdef";
    std::string name = "gateway-";
    std::uint64_t random = SystemRandom().next();
    for (int i = 0; i < 12; ++i, random >>= 4) name += digits[random & 0xf];
    return name;
}

std::unique_ptr<Backend> make_remote(const BackendEntry& entry, const std::vector<Descriptor>& descriptors, const Limits& limits) {
    for (const Descriptor& descriptor : descriptors)
        if (descriptor.name == entry.type && descriptor.make_backend) return descriptor.make_backend(entry.section, limits);
    throw SetupError("this build has no backend '" + entry.type + "'");
}

}  // namespace

Backbone::Backbone(const Configuration& configuration, const std::vector<Descriptor>& descriptors, SetupProblems& problems)
    : type_(configuration.backend ? configuration.backend->type : std::string()), name_(configuration.name), lasting_(!name_.empty()) {
    if (configuration.store) name_file_ = configuration.store->dir / "gateway-name";
    if (hop_name(name_) != name_)
        problems.add(configuration.name_where, "a gateway's name has up to 64 letters, digits, '.', '-', '_' and ':', not '" + name_ + "'");
    if (!configuration.backend || !configuration.backend->section.sound()) return;
    const BackendEntry& entry = *configuration.backend;
    if (!problems.attempt(entry.section.where(), [&] { remote_ = make_remote(entry, descriptors, configuration.limits); })) return;
    traits_ = remote_->traits();
    if (std::optional<BackendDoor> door = remote_->door()) door_ = RemoteDoor{"backend", std::move(*door), entry.door_tls};
    check_promises(entry.section, problems);
    check(configuration, problems);
}

Backbone::~Backbone() = default;

void Backbone::check_promises(const config::Section& section, SetupProblems& problems) const {
    for (const std::string& wanted : section.texts("promises")) {
        const auto known = std::ranges::find(promises, wanted, &Promise::name);
        if (known == promises.end())
            problems.add(section.where("promises"), "'" + wanted + "' is no promise" + config::suggestion(wanted, promise_names()));
        else if (!known->kept(traits_))
            problems.add(section.where("promises"), "the backend '" + type_ + "' as configured does not keep '" + wanted + "'");
    }
}

void Backbone::check(const Configuration& configuration, SetupProblems& problems) const {
    if (!configuration.backend) return;
    const std::string where = configuration.backend->section.where();
    if (!configuration.history_where.empty() && !traits_.history)
        problems.add(where, "'history' keeps nothing with the backend '" + type_ + "': what nobody here wants does not come here. Leave it out, or take a backend that keeps it (embedded, matrix)");
    if (configuration.packet_limit_known && configuration.limits.packet > traits_.max_payload)
        problems.add(where, "'limits: {packet: ...}' lets in messages that the backend '" + type_ + "' cannot carry: it takes " +
                                std::to_string(traits_.max_payload) + " bytes");
}

void Backbone::open(Runtime& runtime) {
    if (!remote_) return;
    owner_ = runtime.set_owner("the backend '" + type_ + "'");
    remote_->open(runtime.host());
}

void Backbone::settle_name() {
    if (!name_.empty()) return;
    if (name_file_.empty()) {
        name_ = made_up_name();
        return;
    }
    lasting_ = true;
    if (std::getline(std::ifstream(name_file_), name_) && !name_.empty() && hop_name(name_) == name_) return;
    name_ = made_up_name();
    std::ofstream file(name_file_);
    file << name_ << '\n';
    if (!file.flush()) throw SetupError("'" + name_file_.string() + "' cannot be written: " + std::strerror(errno));
}

std::unique_ptr<Backend> Backbone::backend_for(Core& core) {
    if (!remote()) return std::make_unique<EmbeddedBackend>();
    auto link = std::make_unique<BackendLink>(core, BackendLink::Terms{home, traits_, name_, lasting_},
                                              core.id() == home ? std::move(remote_) : std::unique_ptr<Backend>());
    if (core.id() == home) home_ = link.get();
    return link;
}

void Backbone::launch(Runtime& runtime, Outbound& outbound) {
    if (!home_) return;
    EventLoop& loop = runtime.loop(home);
    const auto post = [&loop](std::function<void()> task) { loop.post([task = std::move(task)](Core&) { task(); }); };
    loop.post([link = home_, post, &outbound](Core&) { link->launch(post, &outbound); });
}

bool Backbone::settle(Runtime& runtime, Duration patience) const {
    // What a session left undone goes to its group's home, to another core's member, back, and to the backend's core.
    runtime.settle(4);
    if (!home_) return true;
    const auto until = std::chrono::steady_clock::now() + patience;
    for (;; runtime.settle(4)) {
        const auto answer = std::make_shared<std::promise<bool>>();
        std::future<bool> settled = answer->get_future();
        runtime.loop(home).post([link = home_, answer](Core&) { answer->set_value(link->settled()); });
        if (settled.wait_until(until) != std::future_status::ready) return false;
        if (settled.get()) return true;
        if (std::chrono::steady_clock::now() >= until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

}  // namespace junctor
