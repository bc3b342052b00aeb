#include "gateway/application.hpp"

#include "core/embedded/embedded_backend.hpp"
#include "core/observe/log.hpp"
#include "core/observe/metrics.hpp"
#include "core/observe/process_metrics.hpp"
#include "core/runtime/event_loop.hpp"
#include "core/runtime/runtime.hpp"
#include "core/runtime/system_random.hpp"
#include "core/web/http_server.hpp"
#include "gateway/admin/admin_api.hpp"
#include "gateway/exposure.hpp"
#include "gateway/policy_assembly.hpp"
#include "gateway/reload_rules.hpp"
#include "gateway/setup_problems.hpp"
#include "policy/policy_gate.hpp"

namespace junctor {

namespace {

const Descriptor& descriptor_of(const std::string& type, const std::vector<Descriptor>& descriptors) {
    for (const Descriptor& descriptor : descriptors)
        if (descriptor.name == type) return descriptor;
    throw SetupError("this build has no connector '" + type + "'");
}

/// An address that others reach; one of this machine where there is none.
Address most_reachable(const Listener& listener) {
    Address most{"127.0.0.1", 0};
    for (const Address& address : listener.addresses())
        if (!address.loopback()) most = address;
    return most;
}

std::string owner_of(const std::string& connector) { return "connector '" + connector + "'"; }

}  // namespace

Application::Application(Configuration configuration, const std::vector<Descriptor>& descriptors, Clock& clock)
    : configuration_(std::move(configuration)),
      clock_(clock),
      started_at_(clock.now()),
      runtime_(std::make_unique<Runtime>(Runtime::Options{configuration_.cores, configuration_.limits, web::http_stream_factory}, clock)) {
    SetupProblems problems(configuration_.source);
    for (const ConnectorEntry& entry : configuration_.connectors)
        problems.attempt(entry.section.where(), [&] { make_connector(entry, descriptors); });
    problems.throw_any();
    check_exposure(configuration_);
    for (std::size_t i = 0; i < connectors_.size(); ++i)
        problems.attempt(configuration_.connectors[i].section.where(),
                         [&] { open_connector(connectors_[i], configuration_.connectors[i].tls); });
    problems.attempt(configuration_.admin_where, [&] { open_admin(); });
    problems.throw_any();
}

Application::~Application() { stop(); }

void Application::make_connector(const ConnectorEntry& entry, const std::vector<Descriptor>& descriptors) {
    const Descriptor& descriptor = descriptor_of(entry.type, descriptors);
    connectors_.push_back({entry.name, entry.type, descriptor.make_listener(entry.name, entry.section, configuration_.limits)});
}

void Application::check_exposure(const Configuration& configuration) const {
    if (configuration.policy_written) return;
    SetupProblems problems(configuration.source);
    for (std::size_t i = 0; i < connectors_.size(); ++i)
        for (const Address& address : connectors_[i].listener->addresses())
            problems.attempt(configuration.connectors[i].section.where(),
                             [&] { require_loopback(owner_of(connectors_[i].name), address); });
    problems.attempt(configuration.admin_where, [&] { require_loopback("the admin API", configuration.admin); });
    problems.throw_any();
}

void Application::open_connector(const Connector& connector, const std::optional<TlsSettings>& tls) {
    runtime_->set_owner(owner_of(connector.name));
    if (tls)
        for (const Address& address : connector.listener->addresses()) runtime_->set_tls(address, *tls);
    connector.listener->open(runtime_->host());
}

void Application::open_admin() {
    runtime_->set_owner("the admin API");
    if (configuration_.admin_tls) runtime_->set_tls(configuration_.admin, *configuration_.admin_tls);
    open_admin_api(runtime_->host(), configuration_.admin, admin_sources());
}

void Application::start() {
    const PolicyPtr policy = assemble_policy(configuration_);
    const auto gateway_id = static_cast<std::uint32_t>(SystemRandom().next());
    runtime_->start([&](EventLoop& loop) {
        PolicyGate& gate =
            *gates_.emplace_back(std::make_unique<PolicyGate>(loop.core(), std::make_unique<EmbeddedBackend>(), policy, gateway_id));
        loop.set_mail_handler([&router = gate.router()](Mail&& mail) { router.receive(std::move(mail)); });
        gate.message_log().sample(configuration_.log_messages_sample);
    });
    show_connectors();
    state_ = GatewayState::running;
}

void Application::show_connectors() {
    for (const Connector& connector : connectors_) {
        AdminConnector shown{connector.name, connector.type, {}};
        for (const Listener::Endpoint& endpoint : connector.listener->endpoints(runtime_->host()))
            shown.addresses.push_back(endpoint.address);
        shown_connectors_.push_back(std::move(shown));
    }
}

std::vector<StartRow> Application::table() const {
    std::vector<StartRow> rows;
    for (std::size_t i = 0; i < connectors_.size(); ++i) {
        const Connector& connector = connectors_[i];
        const std::string who = who_may_connect(configuration_, most_reachable(*connector.listener), configuration_.connectors[i].tls);
        for (const Listener::Endpoint& endpoint : connector.listener->endpoints(runtime_->host()))
            rows.push_back({connector.name, endpoint.address, who, endpoint.proof});
    }
    const std::string admin = (configuration_.admin_tls ? "https://" : "http://") + bound(configuration_.admin).text();
    rows.push_back(
        {"admin", admin, who_may_connect(configuration_, configuration_.admin, configuration_.admin_tls), "curl " + admin + "/metrics"});
    return rows;
}

Address Application::bound(const Address& configured) const { return runtime_->host().bound(configured); }

std::shared_ptr<const AdminSources> Application::admin_sources() {
    auto sources = std::make_shared<AdminSources>();
    sources->state = [this] { return state(); };
    sources->uptime = [this] { return clock_.now() - started_at_; };
    sources->metrics = [this] { return prometheus_text(runtime_->metrics()) + process_metrics_text(); };
    sources->connectors = [this] { return shown_connectors_; };
    sources->host_names = configuration_.admin_hosts;
    return sources;
}

void Application::reload(Configuration next) {
    require_same(configuration_, next);
    check_exposure(next);
    if (const auto problem = runtime_->reload_tls(tls_by_address(next))) throw SetupError(*problem);
    at_every_gate([policy = assemble_policy(next), sample = next.log_messages_sample](PolicyGate& gate) {
        gate.adopt(policy);
        gate.message_log().sample(sample);
    });
    configure_log(next.log_level, next.log_format);
    configuration_ = std::move(next);
}

void Application::at_every_gate(const std::function<void(PolicyGate&)>& task) {
    for (std::uint16_t core = 0; core < runtime_->core_count(); ++core)
        runtime_->host().post({core}, [gate = gates_[core].get(), task](Core&) { task(*gate); });
}

std::map<Address, TlsSettings> Application::tls_by_address(const Configuration& configuration) const {
    std::map<Address, TlsSettings> settings;
    for (std::size_t i = 0; i < connectors_.size(); ++i)
        if (const auto& tls = configuration.connectors[i].tls)
            for (const Address& address : connectors_[i].listener->addresses()) settings[address] = *tls;
    if (configuration.admin_tls) settings[configuration.admin] = *configuration.admin_tls;
    return settings;
}

std::size_t Application::drain() {
    state_ = GatewayState::draining;
    at_every_gate([](PolicyGate& gate) { gate.drain(); });
    for (const Connector& connector : connectors_) connector.listener->drain();
    return runtime_->drain();
}

void Application::stop() { runtime_->stop(); }

}  // namespace junctor
