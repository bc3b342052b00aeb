#include "core/web/outbound_client.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "core/web/http_codec.hpp"
#include "core/web/socket_link.hpp"

namespace junctor::web {
namespace {

constexpr Duration longest_sleep = std::chrono::minutes(1);
constexpr int batch = 255;  // handlers between two looks at the clock

bool may_be_repeated(const OutboundRequest& request) {
    constexpr std::array<std::string_view, 5> idempotent{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
    return request.repeatable || std::ranges::find(idempotent, request.method) != idempotent.end();
}

std::optional<ByteBuffer> wire_form(OutboundRequest& request) {
    HttpRequest plain;
    plain.method = request.method;
    plain.path = request.url.path.empty() ? "/" : request.url.path;
    plain.headers = std::move(request.headers);
    std::erase_if(plain.headers, [](const Header& header) { return is_framing_header(header.name); });
    plain.body = std::move(request.body);
    return write_request(plain, request.url.authority());
}

}  // namespace

/// Shared by the caller's core and the thread. `done` is the core's alone.
struct OutboundClient::Pending {
    Pending(std::uint64_t its_id, CoreId its_home, OutboundDone its_done) : id(its_id), home(its_home), done(std::move(its_done)) {}

    const std::uint64_t id;
    const CoreId home;
    OutboundDone done;  ///< empty: answered or cancelled
};

class OutboundClient::Call final : public OutboundCall {
public:
    Call(OutboundClient& client, std::shared_ptr<Pending> pending) : client_(client), pending_(std::move(pending)) {}
    ~Call() override {
        if (!pending_ || !pending_->done) return;
        pending_->done = nullptr;
        boost::asio::post(client_.io_, [&client = client_, id = pending_->id] { client.cancel(id); });
    }

    void let_go() noexcept override { pending_.reset(); }

private:
    OutboundClient& client_;
    std::shared_ptr<Pending> pending_;
};

OutboundClient::OutboundClient(OutboundOrigin::Options options, const Clock& clock, Post post)
    : options_(options), clock_(clock), post_(std::move(post)), timers_(clock.now()) {}

OutboundClient::~OutboundClient() { stop(); }

OutboundTrustPtr OutboundClient::trust(const OutboundTls& tls) { return std::make_shared<TrustContext>(tls); }

std::unique_ptr<OutboundCall> OutboundClient::send(CoreId home, OutboundRequest request, OutboundDone done) {
    std::call_once(started_, [this] { thread_ = std::thread([this] { run(); }); });
    auto pending = std::make_shared<Pending>(++last_id_, home, std::move(done));
    auto carried = std::make_shared<OutboundRequest>(std::move(request));
    boost::asio::post(io_, [this, pending, carried, began = clock_.now()] { begin(pending, *carried, began); });
    return std::make_unique<Call>(*this, std::move(pending));
}

void OutboundClient::run() noexcept {
    const auto work = boost::asio::make_work_guard(io_);
    while (!stopping_.load(std::memory_order_acquire)) {
        timers_.advance(clock_.now());
        const TimePoint due = timers_.next_due();
        const Duration patience = due == TimePoint::max() ? longest_sleep : std::clamp(due - clock_.now(), Duration::zero(), longest_sleep);
        io_.run_one_for(patience);
        for (int i = 0; i < batch && io_.poll_one() != 0; ++i) {
        }
    }
    for (auto& [key, each] : origins_) each->stop();
    origins_.clear();
}

void OutboundClient::begin(const std::shared_ptr<Pending>& pending, OutboundRequest& request, TimePoint began) {
    if (request.url.secure() && !request.trust) {
        std::call_once(system_trust_read_, [this] { system_trust_ = std::make_shared<TrustContext>(OutboundTls()); });
        request.trust = system_trust_;
    }
    OutboundOrigin::Job job;
    job.id = pending->id;
    job.began = began;
    job.timeout = request.timeout;
    job.max_body = request.max_body;
    job.bodiless = request.method == "HEAD";
    job.repeatable = may_be_repeated(request);
    job.makes_sense = std::move(request.makes_sense);
    std::optional<ByteBuffer> wire = wire_form(request);
    if (!wire || !request.url.scheme.starts_with("http"))
        return answer(pending, OutboundAnswer(OutboundFailure::bad_request, "the request holds characters that cannot be sent"));
    job.wire = std::make_shared<const ByteBuffer>(std::move(*wire));
    OutboundOrigin* to = origin(request);
    if (!to) return answer(pending, OutboundAnswer(OutboundFailure::overloaded, "too many servers at once"));
    homes_[job.id] = to;
    job.done = [this, pending](OutboundAnswer outcome) {
        homes_.erase(pending->id);
        answer(pending, std::move(outcome));
    };
    to->submit(std::move(job));
}

/// Null: there are too many. Those of an earlier configuration go when their room is needed.
OutboundOrigin* OutboundClient::origin(const OutboundRequest& request) {
    const Key key(request.url.origin(), request.configured, request.trust);
    const auto found = origins_.find(key);
    if (found != origins_.end()) return found->second.get();
    if (origins_.size() >= max_origins) std::erase_if(origins_, [](const auto& each) { return each.second->unused(); });
    if (origins_.size() >= max_origins) return nullptr;
    LinkTarget target{request.url, request.configured, std::static_pointer_cast<const TrustContext>(request.trust)};
    target.url.path.clear();
    OutboundDial dial = [this, target](OutboundLink::User& user) { return make_socket_link(io_, target, user); };
    const std::string& name = std::get<0>(key);
    auto made = std::make_unique<OutboundOrigin>(
        options_, OutboundOrigin::Parts{name, clock_, timers_, random_, std::move(dial), OutboundMetrics(cells_, name)});
    return (origins_[key] = std::move(made)).get();
}

void OutboundClient::cancel(std::uint64_t id) {
    const auto found = homes_.find(id);
    if (found == homes_.end()) return;
    OutboundOrigin* const at = found->second;
    homes_.erase(found);
    at->cancel(id);
}

void OutboundClient::answer(const std::shared_ptr<Pending>& pending, OutboundAnswer answer) {
    auto carried = std::make_shared<OutboundAnswer>(std::move(answer));
    post_(pending->home, [pending, carried] {
        if (const OutboundDone done = std::exchange(pending->done, nullptr)) done(std::move(*carried));
    });
}

void OutboundClient::stop() noexcept {
    stopping_.store(true, std::memory_order_release);
    boost::asio::post(io_, [] {});
    if (thread_.joinable()) thread_.join();
}

}  // namespace junctor::web
