#include "connectors/matrix/backend.hpp"

#include <algorithm>
#include <charconv>

#include "core/observe/log.hpp"
#include "core/ports/http.hpp"
#include "core/runtime/core.hpp"

namespace junctor::matrix {
namespace {

using nlohmann::json;

constexpr std::int64_t first_retry_ms = 250;
constexpr std::int64_t longest_retry_ms = 8'000;
constexpr std::uint32_t most_doublings = 5;

/// Another gateway may be about to make a room and to invite: that is no trouble yet.
constexpr std::uint32_t patient_failures = 2;

/// For so long messages wait for a homeserver that has gone; then their publishers hear of it.
constexpr Duration patience = std::chrono::seconds(10);

std::string_view header_of(const HttpResponse& response, std::string_view name) {
    const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    const auto at = std::ranges::find_if(response.headers, [&](const Header& each) { return std::ranges::equal(each.name, name, same); });
    return at == response.headers.end() ? std::string_view() : std::string_view(at->value);
}

}  // namespace

MatrixBackend::MatrixBackend(BackendSettings settings, MakeOutbound make)
    : settings_(std::move(settings)), make_outbound_(std::move(make)), puppets_(settings_.puppets) {
    rooms_.push_back({settings_.room, {}});
    for (const MappedRoom& each : settings_.rooms) rooms_.push_back({each.room, each.topic});
    if (!settings_.listen.url.empty()) door_ = std::make_shared<ServiceDoor>(settings_);
}

void MatrixBackend::open(Host& host) {
    if (door_) door_->open(host);
}

std::optional<BackendDoor> MatrixBackend::door() const {
    if (!door_) return std::nullopt;
    return BackendDoor{settings_.listen.address, "the homeserver, by its hs_token",
                       "curl -X POST -H \"Authorization: Bearer $HS_TOKEN\" URL/_matrix/app/v1/ping"};
}

BackendTraits MatrixBackend::traits() const noexcept {
    BackendTraits traits;
    traits.max_qos = Qos::at_least_once;
    traits.wildcards = traits.retained = traits.history = traits.ordered = traits.headers = traits.durable = true;
    traits.max_payload = largest_payload;
    return traits;
}

void MatrixBackend::start(BackendSink& sink, const BackendPlace& place) {
    sink_ = &sink;
    core_ = &place.core;
    gateway_ = place.gateway;
    joins_ = place.bridge.empty();
    lasting_ = place.lasting;
    position_name_ = gateway_ + (joins_ ? "" : '.' + place.bridge);
    transaction_prefix_ = "junctor." + std::to_string(core_->random().next()) + '.';
    given_order_.begin(transaction_prefix_ + '0', rooms_.size());
    homeserver_.emplace(settings_, make_outbound_(place), core_->id());
    if (door_)
        door_->start(place.post, [this](std::string id, PushedEvents events, Transactions::Answer answer) {
            pushed(std::move(id), std::move(events), std::move(answer));
        });
    connect();
}

void MatrixBackend::stop() noexcept {
    if (door_) door_->stop();
    waiting_.refuse_all();
    for (Alarm* each : {&retry_, &send_again_, &patience_, &position_due_, &look_patience_, &waiting_patience_, &ask_missing_again_, &stranded_patience_})
        if (core_) core_->timers().cancel(*each);
    for (Homeserver::Call* each : {&coming_, &send_call_, &sync_call_, &position_call_, &look_call_, &missing_call_, &newest_call_}) each->reset();
    homeserver_.reset();
    available_ = false;
}

void MatrixBackend::connect() noexcept {
    if (listens() && !registered_) return register_itself();
    if (user_.empty()) return who_am_i();
    if (!position_asked_ && lasting_) return listens() ? ask_transactions() : ask_position();
    join_next();
}

void MatrixBackend::go_on() noexcept { listens() ? ping() : sync(); }

void MatrixBackend::there() noexcept {
    failures_ = 0;
    outage_.over();
    keep_transactions();
    if (std::exchange(available_, true)) return;
    be_wary();
    core_->timers().cancel(patience_);
    puppets_.ask_again();
    log_info("matrix", "the homeserver is there", {{"url", settings_.url.origin()}, {"user", user_}});
    sink_->available(true);
    send_more();
}

bool MatrixBackend::usable(const OutboundAnswer& answer, const char* what) noexcept {
    if (answer.failure != OutboundFailure::none) {
        away(std::string(what) + ": " + std::string(to_string(answer.failure)) + ' ' + answer.detail);
        return false;
    }
    const unsigned status = answer.response.status;
    if (status == 200) return true;
    const Refusal refusal = read_refusal(answer.response.body);
    const bool too_often = status == 429;
    if (!too_often && status < 500 && failures_ >= patient_failures)
        log_error("matrix", "the homeserver refuses what the gateway needs: look at the token, the rooms and who is invited",
                  {{"what", what}, {"status", std::to_string(status)}, {"code", refusal.code}, {"because", refusal.words}});
    away(std::string(what) + ": status " + std::to_string(status),
         too_often ? pause_after(refusal, header_of(answer.response, "Retry-After")) : Duration::zero());
    return false;
}

/// An outage from the start, or one that has another reason by now, is news as well.
void MatrixBackend::still_away(const std::string& why) noexcept {
    if (outage_.is_news(why))
        return log_warning("matrix", "no homeserver, tried again until there is one", {{"url", settings_.url.origin()}, {"because", why}});
    log_debug("matrix", "the homeserver is not there", {{"url", settings_.url.origin()}, {"because", why}});
}

/// What is unsent waits a while: the same transactions go on when the homeserver is back soon.
void MatrixBackend::away(const std::string& why, Duration pause) noexcept {
    for (Homeserver::Call* each : {&coming_, &send_call_, &sync_call_, &position_call_, &look_call_}) each->reset();
    news_.reset();
    to_replay_.clear();
    replaying_.clear();
    retained_.give_up(false);
    core_->timers().cancel(look_patience_);
    core_->timers().cancel(send_again_);
    core_->timers().cancel(position_due_);
    const std::int64_t longest = std::min(first_retry_ms << std::min(failures_, most_doublings), longest_retry_ms);
    ++failures_;
    const auto cut = static_cast<std::int64_t>(core_->random().next() % static_cast<std::uint64_t>(longest / 2));
    core_->timers().arm(retry_, core_->now() + std::max<Duration>(pause, std::chrono::milliseconds(longest - cut)));
    if (!std::exchange(available_, false)) return still_away(why);
    log_warning("matrix", "the homeserver is away", {{"url", settings_.url.origin()}, {"because", why}});
    if (!unsent_.empty()) core_->timers().arm(patience_, core_->now() + patience);
    sink_->available(false);
}

/// A homeserver need not have the user of an application service before it says so.
void MatrixBackend::register_itself() {
    coming_ = homeserver_->register_itself([this](OutboundAnswer answer) {
        const bool known = answer.failure == OutboundFailure::none && answer.response.status == 400 &&
                           read_refusal(answer.response.body).code == "M_USER_IN_USE";
        if (!known && !usable(answer, "make the gateway's own user")) return;
        registered_ = true;
        connect();
    });
}

void MatrixBackend::who_am_i() {
    coming_ = homeserver_->who([this](OutboundAnswer answer) {
        if (!usable(answer, "who am I")) return;
        user_ = read_member(answer.response.body, "user_id");
        if (user_.empty()) return away("it does not say who the gateway is");
        puppets_.serve(user_);
        connect();
    });
}

void MatrixBackend::ask_position() {
    coming_ = homeserver_->position(user_, position_name_, [this](OutboundAnswer answer) {
        const bool none = answer.failure == OutboundFailure::none && answer.response.status == 404;
        if (!none && !usable(answer, "where to go on")) return;
        position_asked_ = true;
        if (!none) since_ = read_member(answer.response.body, "position");
        connect();
    });
}

void MatrixBackend::ask_transactions() {
    coming_ = homeserver_->transactions(user_, position_name_, [this](OutboundAnswer answer) {
        const bool none = answer.failure == OutboundFailure::none && answer.response.status == 404;
        if (!none && !usable(answer, "which transactions were taken")) return;
        position_asked_ = true;
        if (!none) {
            transactions_.remember(read_members(answer.response.body, "transactions"));
            order_.restore(read_any(answer.response.body, "order"), core_->now());
        }
        connect();
    });
}

void MatrixBackend::join_next() {
    const auto at = std::ranges::find_if(rooms_, [](const Room& each) { return each.id.empty(); });
    if (at == rooms_.end()) {
        make_filters();
        if (listens()) return order_.begun() ? look_back() : ask_beginning(0);
        return since_.empty() ? sync() : look_back();
    }
    const auto room = static_cast<std::size_t>(at - rooms_.begin());
    coming_ = homeserver_->join(at->name, [this, room](OutboundAnswer answer) {
        const bool none = answer.failure == OutboundFailure::none && answer.response.status == 404;
        const std::string server = user_.substr(std::min(user_.find(':'), user_.size()));
        if (none && rooms_[room].name.starts_with('#') && rooms_[room].name.ends_with(server)) return create(room);
        joined(room, std::move(answer), false);
    });
}

void MatrixBackend::create(std::size_t room) {
    coming_ = homeserver_->create(rooms_[room].name, [this, room](OutboundAnswer answer) { joined(room, std::move(answer), true); });
}

/// Another gateway may have made the room in the meantime: then it is there to be joined.
void MatrixBackend::joined(std::size_t room, OutboundAnswer answer, bool created) {
    const unsigned status = answer.failure == OutboundFailure::none ? answer.response.status : 0;
    if (created && (status == 409 || (status == 400 && read_refusal(answer.response.body).code == "M_ROOM_IN_USE")))
        return away("somebody else has just made the room");
    if (!usable(answer, created ? "make a room" : "join a room")) return;
    rooms_[room].id = read_member(answer.response.body, "room_id");
    if (rooms_[room].id.empty()) return away("it does not say which room that is");
    if (created) log_info("matrix", "made a room", {{"room", rooms_[room].name}});
    join_next();
}

void MatrixBackend::make_filters() {
    const json nothing{{"not_types", {"*"}}};
    const json types{std::string(shared_event), std::string(single_event), std::string(text_event), std::string(retained_event)};
    json ids = json::array();
    for (const Room& each : rooms_) ids.push_back(each.id);
    const json room{{"rooms", ids},
                    {"timeline", {{"limit", 100}, {"types", types}}},
                    {"state", nothing},
                    {"ephemeral", nothing},
                    {"account_data", nothing}};
    sync_filter_ = json{{"room", room}, {"presence", nothing}, {"account_data", nothing}}.dump();
    event_filter_ = json{{"types", types}}.dump();
}

}  // namespace junctor::matrix
