#include "tests/conformance/backend/pushing_synapse.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "connectors/matrix/registration.hpp"
#include "core/ports/http.hpp"
#include "core/runtime/runtime.hpp"
#include "core/runtime/system_clock.hpp"
#include "core/web/http_server.hpp"

namespace junctor::test {
namespace {

const std::string python = JUNCTOR_PEERS_DIR "/matrix/bin/python3";

/// Ports of loopback that nobody has: the homeserver is told where to call before anybody listens there.
template <std::size_t Count>
std::array<std::uint16_t, Count> free_ports() {
    std::array<int, Count> probes{};
    std::array<std::uint16_t, Count> ports{};
    for (std::size_t i = 0; i < Count; ++i) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        probes[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const bool bound = bind(probes[i], reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                           getsockname(probes[i], reinterpret_cast<sockaddr*>(&address), &size) == 0;
        if (!bound) throw std::runtime_error("no port is free");
        ports[i] = ntohs(address.sin_port);
    }
    for (const int probe : probes) close(probe);
    return ports;
}

std::filesystem::path new_folder() {
    std::string name = std::filesystem::temp_directory_path() / "pushingXXXXXX";
    if (!mkdtemp(name.data())) throw std::runtime_error("no folder for the registrations");
    return name;
}

class WithDoor final : public Backend {
public:
    explicit WithDoor(std::unique_ptr<Backend> backend) : backend_(std::move(backend)) {}
    BackendTraits traits() const noexcept override { return backend_->traits(); }
    void start(BackendSink& sink, const BackendPlace& place) override {
        runtime_.set_owner("the backend");
        backend_->open(runtime_.host());
        runtime_.start([](EventLoop&) {});
        backend_->start(sink, place);
    }
    void stop() noexcept override {
        backend_->stop();
        runtime_.stop();
    }
    void publish(const EnvelopePtr& envelope, BackendTicket ticket) noexcept override { backend_->publish(envelope, ticket); }
    void subscribe(const TopicFilter& filter, std::string_view group) noexcept override { backend_->subscribe(filter, group); }
    void unsubscribe(const TopicFilter& filter, std::string_view group) noexcept override { backend_->unsubscribe(filter, group); }
    void stored(Token receipt) noexcept override { backend_->stored(receipt); }
    void recall() noexcept override { backend_->recall(); }

private:
    SystemClock clock_;
    std::unique_ptr<Backend> backend_;
    Runtime runtime_{Runtime::Options{1, {}, web::http_stream_factory}, clock_};
};

}  // namespace

PushingSynapse::PushingSynapse() : folder_(new_folder()) {
    const auto ports = free_ports<2>();
    std::vector<std::string> words{python, JUNCTOR_TESTS_DIR "/peers/matrix/homeserver.py"};
    for (std::size_t i = 0; i < 2; ++i) {
        const std::string name = i == 0 ? "alpha" : "beta";
        matrix::BackendSettings& settings = settings_[name];
        settings.token = "as-token-of-" + name;
        settings.room = "#shared:hs.localhost";
        settings.members = {i == 0 ? "@beta:hs.localhost" : "@alpha:hs.localhost"};
        settings.alias_prefix = "_j_";
        settings.listen = {{"127.0.0.1", ports[i]}, "http://127.0.0.1:" + std::to_string(ports[i]), "hs-token-of-" + name, name};
        const std::string file = folder_ / (name + ".yaml");
        std::ofstream(file) << matrix::registrations(settings).at(0).document;
        words.push_back("--service=" + file);
    }
    process_ = std::make_unique<PeerProcess>(words);
    std::istringstream line(process_->line());
    std::string word;
    if (!(line >> word >> port_) || word != "port") throw std::runtime_error("Synapse did not start: " + process_->line());
}

PushingSynapse::~PushingSynapse() {
    process_.reset();
    std::filesystem::remove_all(folder_);
}

std::unique_ptr<Backend> with_door(std::unique_ptr<Backend> backend) { return std::make_unique<WithDoor>(std::move(backend)); }

}  // namespace junctor::test
