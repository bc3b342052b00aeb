#include "gateway/application.hpp"

#include <algorithm>

#include "core/observe/log.hpp"
#include "core/observe/metrics.hpp"
#include "core/observe/process_metrics.hpp"
#include "core/runtime/event_loop.hpp"
#include "core/runtime/runtime.hpp"
#include "core/runtime/system_random.hpp"
#include "core/store/rocksdb_store.hpp"
#include "core/web/http_server.hpp"
#include "core/web/outbound_client.hpp"
#include "gateway/address_rules.hpp"
#include "gateway/admin/admin_api.hpp"
#include "gateway/backbone.hpp"
#include "gateway/bridges.hpp"
#include "gateway/policy_assembly.hpp"
#include "gateway/recover.hpp"
#include "gateway/reload_rules.hpp"
#include "gateway/setup_problems.hpp"
#include "gateway/status_topics.hpp"
#include "policy/policy_gate.hpp"
#include "policy/recovery.hpp"

namespace junctor {

namespace {

/// What a drain leaves for the backend where clients took all the time.
constexpr Duration least_rest = std::chrono::seconds(1);

/// An address that others reach; one of this machine where there is none.
Address most_reachable(const Listener& listener) {
    Address most{"127.0.0.1", 0};
    for (const Address& address : listener.addresses())
        if (!address.loopback()) most = address;
    return most;
}

std::unique_ptr<RocksdbStore> make_store(const Configuration& configuration) {
    return configuration.store ? std::make_unique<RocksdbStore>(*configuration.store) : nullptr;
}

StatusTopics::Numbers status_numbers(const std::vector<const Metrics*>& cores) {
    const auto total = [&cores](std::string_view name) { return metric_total(name, cores); };
    StatusTopics::Numbers numbers;
    numbers.connected = total("junctor_connections_open");
    numbers.away = total("junctor_durable_sessions_away");
    numbers.connections = total("junctor_connections_accepted_total");
    numbers.subscriptions = total("junctor_subscriptions");
    numbers.retained = metric_total("junctor_retained_messages", {cores.front()});
    numbers.kept = total("junctor_kept_messages");
    numbers.kept_bytes = total("junctor_kept_bytes");
    numbers.received = total("junctor_messages_received_total");
    numbers.sent = total("junctor_messages_delivered_total");
    numbers.dropped = total("junctor_messages_dropped_total");
    numbers.bytes_received = total("junctor_received_bytes_total");
    numbers.bytes_sent = total("junctor_sent_bytes_total");
    return numbers;
}

}  // namespace

Application::Application(Configuration configuration, const std::vector<Descriptor>& descriptors, Clock& clock)
    : Application(ConfigurationReading{configuration, config::Problems(configuration.source)}, descriptors, clock) {}

Application::Application(ConfigurationReading reading, const std::vector<Descriptor>& descriptors, Clock& clock)
    : configuration_(std::move(reading.configuration)),
      descriptors_(descriptors),
      clock_(clock),
      started_at_(clock.now()),
      store_(make_store(configuration_)),
      runtime_(std::make_unique<Runtime>(
          Runtime::Options{configuration_.cores, configuration_.limits, web::http_stream_factory, store_.get()}, clock)) {
    const auto post = [this](CoreId core, std::function<void()> task) {
        runtime_->loop(core).post([run = std::move(task)](Core&) { run(); });
    };
    outbound_ = std::make_unique<web::OutboundClient>(web::OutboundOrigin::Options(), clock_, post);
    SetupProblems problems(std::move(reading.problems));
    make_parts(problems);
    admin_ = open_all(connectors_, configuration_, {}, problems);
    open_remotes(problems);
    problems.throw_any();
}

Application::~Application() { stop(); }

/// None needs another: what is wrong with each is told at once.
void Application::make_parts(SetupProblems& problems) {
    connectors_ = ConnectorSet(configuration_, descriptors_, {}, configuration_.limits, problems);
    backbone_ = std::make_unique<Backbone>(configuration_, descriptors_, problems);
    bridges_ = std::make_unique<Bridges>(configuration_, descriptors_, problems);
    policy_ = assemble_policy(configuration_, policy_parts(), problems);
    check_addresses(configuration_, descriptors_, problems);
}

PolicyParts Application::policy_parts() {
    return {.clock = clock_,
            // What goes with the last connections has tasks too; nobody is left to run them.
            .post = [this](CoreId core, std::function<void(Core&)> task) {
                if (!stopped_) runtime_->host().post(core, std::move(task));
            },
            .changed = [this] { policy_changed(); },
            .metrics = [this](CoreId core) -> Metrics& { return runtime_->loop(core).core().metrics(); },
            .outbound = outbound_.get(),
            .directory = {},
            .tenants = {}};
}

void Application::open_remotes(SetupProblems& problems) {
    problems.attempt(configuration_.backend ? configuration_.backend->section.where() : configuration_.source, [&] { backbone_->open(*runtime_); });
    bridges_->open(*runtime_, problems);
}

std::vector<RemoteDoor> Application::remote_doors() const {
    std::vector<RemoteDoor> doors = bridges_->doors();
    if (backbone_->door()) doors.insert(doors.begin(), *backbone_->door());
    return doors;
}

/// Answers the owner of the admin API: `admin` where that one stays.
OwnerId Application::open_all(ConnectorSet& connectors, const Configuration& configuration, OwnerId admin, SetupProblems& problems) {
    connectors.open(*runtime_, problems);
    for (const RemoteDoor& each : remote_doors())
        if (each.tls) problems.attempt(configuration.source, [&] { runtime_->set_tls(each.door.address, *each.tls); });
    if (!configuration.admin_known) return admin;
    problems.attempt(configuration.admin_where, [&] {
        if (configuration.admin_tls) runtime_->set_tls(configuration.admin, *configuration.admin_tls);
        if (admin != OwnerId{}) return;
        admin = runtime_->set_owner("the admin API");
        open_admin_api(runtime_->host(), configuration.admin, admin_sources(configuration));
    });
    return admin;
}

std::unique_ptr<Recovery> Application::open_store() {
    if (!store_) return nullptr;
    store_->open();
    const Core& any = runtime_->loop({0}).core();
    auto recovery = std::make_unique<Recovery>(
        *store_, runtime_->core_count(), [&any](TenantId tenant, std::string_view name) { return any.home_of(tenant, name); },
        ClockPair{clock_.now(), clock_.wall()});
    store_->start(runtime_->core_count(), [this](CoreId core, std::uint64_t batches) {
        runtime_->loop(core).post([batches](Core& at) { at.journal().committed(batches); });
    });
    return recovery;
}

void Application::start() {
    connectors_.listen(*runtime_, configuration_);
    const std::unique_ptr<Recovery> recovery = open_store();
    policy_->start();
    backbone_->settle_name();
    const auto gateway_id = static_cast<std::uint32_t>(SystemRandom().next());
    const auto set_up = [&](EventLoop& loop) {
        PolicyGate& gate =
            *gates_.emplace_back(std::make_unique<PolicyGate>(loop.core(), backbone_->backend_for(loop.core()), policy_, gateway_id));
        gate.share(quotas_);
        gate.share(revocations_);
        gate.end_everywhere_by([this](const std::optional<RevocationSweep::Whom>& whom) {
            at_every_gate([whom](PolicyGate& each) { each.end_revoked(whom); });
        });
        loop.set_mail_handler([&router = gate.router()](Mail&& mail) { router.receive(std::move(mail)); });
        gate.name_gateway(backbone_->name());
        gate.message_log().sample(configuration_.log_messages_sample);
        if (!recovery) gate.router().keep_histories(configuration_.history);
    };
    runtime_->start(set_up, [&] {
        if (recovery) recover(*recovery, configuration_.history, *runtime_, gates_);
        backbone_->launch(*runtime_, *outbound_);
        bridges_->start(*runtime_, backbone_->name(), backbone_->lasting(), *outbound_);
    });
    show_connectors();
    publish_status();
    state_ = GatewayState::running;
}

/// On any thread: no core waits for traffic to see it.
void Application::policy_changed() {
    for (std::uint16_t core = 0; core < runtime_->core_count(); ++core)
        runtime_->host().post({core}, [this, core](Core&) { gates_[core]->refresh(); });
}

void Application::show_connectors() {
    auto all = std::make_shared<ShownConnectors>();
    for (const ConnectorSet::Connector& connector : connectors_.all()) {
        AdminConnector shown{connector.entry.name, connector.entry.type, {}};
        for (const Listener::Endpoint& endpoint : connector.listener->endpoints(runtime_->host())) shown.addresses.push_back(endpoint.address);
        all->push_back(std::move(shown));
    }
    shown_connectors_.store(std::move(all));
}

void Application::publish_status() {
    const Duration interval = configuration_.sys_interval;
    if (interval <= Duration::zero()) return;
    runtime_->host().post({0}, [this, interval](Core& core) {
        const auto publish = [&router = gates_.front()->router()](std::string_view topic, std::string_view value) {
            router.publish_event(*Topic::parse({}, topic), as_bytes(value), {}, true);
        };
        const auto read = [this] { return status_numbers(runtime_->metrics()); };
        status_ = std::make_unique<StatusTopics>(core, interval, read, publish);
    });
}

std::vector<StartRow> Application::table() const {
    std::vector<StartRow> rows;
    for (const ConnectorSet::Connector& connector : connectors_.all()) {
        const std::string who = who_may_connect(configuration_, connector.entry.authenticators, most_reachable(*connector.listener), connector.entry.tls);
        for (const Listener::Endpoint& endpoint : connector.listener->endpoints(runtime_->host()))
            rows.push_back({connector.entry.name, endpoint.address, who, endpoint.proof});
    }
    const std::string admin = (configuration_.admin_tls ? "https://" : "http://") + bound(configuration_.admin).text();
    const std::string who = who_may_connect(configuration_, configuration_.admin_authenticators, configuration_.admin, configuration_.admin_tls);
    for (const RemoteDoor& each : remote_doors()) {
        const std::string address = (encrypted(each.door.address) ? "https://" : "http://") + bound(each.door.address).text();
        std::string proof = each.door.proof;
        proof.replace(proof.find("URL"), 3, address);
        rows.push_back({each.owner, address, each.door.who, std::move(proof)});
    }
    rows.push_back({"admin", admin, who, "curl " + admin + "/metrics"});
    return rows;
}

/// Whoever says so for an address says it for all who share it.
bool Application::encrypted(const Address& address) const {
    const std::vector<ConnectorSet::Connector>& connectors = connectors_.all();
    const std::vector<RemoteDoor> doors = remote_doors();
    return std::ranges::any_of(doors, [&](const RemoteDoor& each) { return each.tls && each.door.address == address; }) ||
           std::ranges::any_of(connectors, [&](const ConnectorSet::Connector& each) {
               const std::vector<Address> addresses = each.listener->addresses();
               return each.entry.tls && std::ranges::find(addresses, address) != addresses.end();
           });
}

Address Application::bound(const Address& configured) const { return runtime_->host().bound(configured); }

std::shared_ptr<const AdminSources> Application::admin_sources(const Configuration& configuration) {
    auto sources = std::make_shared<AdminSources>();
    sources->state = [this] { return state(); };
    sources->uptime = [this] { return clock_.now() - started_at_; };
    sources->metrics = [this] { return prometheus_text(metrics()) + process_metrics_text(); };
    sources->connectors = [this] { return *shown_connectors_.load(); };
    sources->store = [this] { return admin_store(); };
    sources->explain = [this](CoreId core, const Session& session, Verb verb, std::string_view object, auto done) {
        gates_[core.value]->explain_when_known(session, verb, object, std::move(done));
    };
    sources->revoke = [this](CoreId core, const Principal& by, Revocation revocation, std::function<void()> kept) {
        return gates_[core.value]->revoke(by, std::move(revocation), std::move(kept));
    };
    sources->end = [this](CoreId core, const Principal& by, Session& session) { gates_[core.value]->end(by, session); };
    sources->tenant = [this](CoreId core, std::string_view name) { return gates_[core.value]->tenant(name); };
    sources->degraded = [this] { return degraded(); };
    sources->host_names = configuration.admin_hosts;
    return sources;
}

std::vector<const Metrics*> Application::metrics() const {
    std::vector<const Metrics*> all = runtime_->metrics();
    if (store_) all.push_back(&store_->metrics());
    all.push_back(&outbound_->metrics());
    return all;
}

std::string Application::degraded() const {
    if (store_ && !store_->failure().empty()) return "the store cannot be written";
    if (backbone_->remote() && metric_total("junctor_backend_available", runtime_->metrics()) == 0)
        return "the backend '" + backbone_->type() + "' is away";
    if (metric_total("junctor_bridges_connected", runtime_->metrics()) < static_cast<std::int64_t>(bridges_->size()))
        return "the other side of a bridge is away";
    return {};
}

AdminStore Application::admin_store() const {
    if (!store_) return {};
    AdminStore shown{store_->dir().string(), store_->failure(), {}};
    if (const auto& loss = store_->loss()) shown.damage = loss->damage + "; a copy is in " + loss->kept.string();
    return shown;
}

void Application::reload(Configuration next) {
    SetupProblems problems(next.source);
    problems.attempt(next.source, [&] { require_reloadable(configuration_, next); });
    ConnectorSet connectors(next, descriptors_, connectors_, next.limits, problems);
    const PolicyPtr policy = assemble_policy(next, policy_parts(), problems);
    check_addresses(next, descriptors_, problems);
    if (next.backend && next.backend->type == backbone_->type()) backbone_->check(next, problems);
    problems.throw_any();
    OwnerId admin = same_admin(configuration_, next) ? admin_ : OwnerId{};
    std::vector<OwnerId> kept = connectors.kept();
    kept.insert(kept.end(), {admin, backbone_->owner()});
    kept.insert(kept.end(), bridges_->owners().begin(), bridges_->owners().end());
    runtime_->prepare(kept, [&] {
        admin = open_all(connectors, next, admin, problems);
        problems.throw_any();
        connectors.listen(*runtime_, next);
    });

    // From here on nothing fails.
    policy->start();
    at_every_gate([policy, history = next.history, sample = next.log_messages_sample](PolicyGate& gate) {
        gate.adopt(policy);
        gate.router().keep_histories(history);
        gate.message_log().sample(sample);
    });
    if (configuration_.limits != next.limits) runtime_->set_limits(next.limits);
    runtime_->commit();
    for (const std::shared_ptr<Listener>& listener : connectors_.missing_in(connectors)) {
        listener->drain();
        retired_.push_back(listener);
    }
    connectors_ = std::move(connectors);
    admin_ = admin;
    configure_log(next.log_level, next.log_format);
    configuration_ = std::move(next);
    policy_ = policy;
    show_connectors();
    if (policy_->audit) policy_->audit->write("configuration reloaded", {{"object", configuration_.source}});
}

void Application::at_every_gate(const std::function<void(PolicyGate&)>& task) {
    for (std::uint16_t core = 0; core < runtime_->core_count(); ++core)
        runtime_->loop({core}).post([gate = gates_[core].get(), task](Core&) { task(*gate); });
}

std::size_t Application::drain() {
    const TimePoint began = clock_.now();
    state_ = GatewayState::draining;
    at_every_gate([](PolicyGate& gate) { gate.drain(); });
    // What is acknowledged may be on its way to a core that would say goodbye before it comes: by a home, to a member, or back and on to the next.
    runtime_->settle(3);
    for (const ConnectorSet::Connector& connector : connectors_.all()) connector.listener->drain();
    const std::size_t left = runtime_->drain(Runtime::Spared{configuration_.admin, admin_});
    const Duration rest = std::max<Duration>(least_rest, configuration_.limits.drain_timeout - (clock_.now() - began));
    if (!backbone_->settle(*runtime_, rest))
        log_warning("gateway", "the backend has not taken all that was for it", {{"backend", backbone_->type()}});
    return left;
}

void Application::stop() {
    runtime_->stop();
    stopped_ = true;
    bridges_->stop();
    outbound_->stop();
    if (store_) store_->stop();
}

}  // namespace junctor
