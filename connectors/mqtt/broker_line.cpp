#include "connectors/mqtt/broker_line.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "connectors/mqtt/backend_mapping.hpp"
#include "connectors/mqtt/reason_code.hpp"

namespace junctor::mqtt {

namespace {

using Code = ::mqtt::property::code;

/// What waits for the core, at most; Paho's reading waits for room. One message goes in any case.
constexpr std::size_t most_waiting_bytes = 16U << 20;
constexpr std::chrono::seconds connect_timeout{5};
constexpr std::chrono::milliseconds goodbye_timeout{300};
constexpr int qos = 2;  ///< each message comes with its own

::mqtt::create_options how_to_make(bool v5) {
    ::mqtt::create_options options(v5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1);
    options.set_max_buffered_messages(1'000'000);  // the backend has bounds of its own
    return options;
}

std::int32_t seconds(Duration time) { return static_cast<std::int32_t>(std::chrono::ceil<std::chrono::seconds>(time).count()); }

void* as_context(std::uint64_t number) noexcept { return reinterpret_cast<void*>(number); }
std::uint64_t number_of(const ::mqtt::token& token) noexcept { return reinterpret_cast<std::uint64_t>(token.get_user_context()); }

/// Return codes above 0 are of MQTT 3.1.1's CONNACK.
std::string why_not(const ::mqtt::token& token) {
    const auto reason = static_cast<ReasonCode>(token.get_reason_code());
    if (is_failure(reason)) return "the broker refuses: " + std::string(to_string(reason));
    if (token.get_return_code() > 0) return "the broker refuses with return code " + std::to_string(token.get_return_code());
    return "no connection, or no good certificate";
}

::mqtt::ssl_options trust(const BackendSettings& settings) {
    ::mqtt::ssl_options ssl;
    if (!settings.ca_file.empty()) ssl.set_trust_store(settings.ca_file);
    if (!settings.certificate.empty()) {
        ssl.set_key_store(settings.certificate);
        ssl.set_private_key(settings.key);
    }
    ssl.set_enable_server_cert_auth(true);
    ssl.set_verify(true);
    return ssl;
}

std::uint64_t receive_maximum(const ::mqtt::token& token) {
    constexpr std::uint64_t unlimited = 65'535;
    const ::mqtt::connect_response response = token.get_connect_response();
    const ::mqtt::properties& properties = response.get_properties();
    return properties.contains(Code::RECEIVE_MAXIMUM) ? ::mqtt::get<std::uint16_t>(properties, Code::RECEIVE_MAXIMUM) : unlimited;
}

bool refused(const ::mqtt::token& token) noexcept { return is_failure(static_cast<ReasonCode>(token.get_reason_code())); }

}  // namespace

struct BrokerLine::Event {
    enum class What : std::uint8_t { up, window, down, taken, returned, filter, left, message };

    What what;
    Errc code = Errc::ok;
    bool nobody = false;
    std::uint64_t number = 0;
    std::string text{};
    ::mqtt::const_message_ptr message{};
};

/// Between Paho's threads and the core.
struct BrokerLine::Inbox {
    std::mutex mutex;
    std::condition_variable room;
    std::vector<Event> events;
    std::size_t bytes = 0;
    std::uint64_t stored = 0;  ///< the number of the last arrival that is
    bool posted = false;
    bool closed = false;
    BrokerLine* line = nullptr;  ///< touched on the core only
};

BrokerLine::BrokerLine(Terms terms, Owner& owner, Post post)
    : terms_(std::move(terms)),
      owner_(owner),
      post_(std::move(post)),
      inbox_(std::make_shared<Inbox>()),
      client_(terms_.settings.server, terms_.client_id, how_to_make(terms_.settings.v5), nullptr) {
    inbox_->line = this;
    client_.set_callback(*this);
}

BrokerLine::~BrokerLine() {
    inbox_->line = nullptr;
    {
        const std::scoped_lock lock(inbox_->mutex);
        inbox_->closed = true;
    }
    inbox_->room.notify_all();
    writer_.stop();
    try {
        client_.disable_callbacks();
        if (!client_.is_connected()) return;
        ::mqtt::disconnect_options goodbye;
        if (terms_.settings.v5 && !terms_.lasting) {
            ::mqtt::properties forget_me;
            forget_me.add({Code::SESSION_EXPIRY_INTERVAL, 0});
            goodbye.set_properties(std::move(forget_me));
        }
        goodbye.set_timeout(goodbye_timeout);
        client_.disconnect(goodbye)->wait_for(goodbye_timeout);
    } catch (const std::exception&) {  // it is gone already
    }
}

::mqtt::connect_options BrokerLine::options() const {
    const BackendSettings& settings = terms_.settings;
    ::mqtt::connect_options options;
    options.set_mqtt_version(settings.v5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1);
    if (settings.v5) {
        options.set_clean_start(false);
        ::mqtt::properties properties;
        properties.add({Code::SESSION_EXPIRY_INTERVAL, seconds(terms_.session_expiry)});
        options.set_properties(std::move(properties));
    } else {
        options.set_clean_session(false);
    }
    options.set_keep_alive_interval(std::chrono::ceil<std::chrono::seconds>(settings.keep_alive));
    options.set_connect_timeout(connect_timeout);
    options.set_max_inflight(settings.in_flight);
    if (!settings.user.empty()) options.set_user_name(settings.user);
    if (!settings.password.empty()) options.set_password(settings.password);
    if (settings.server.starts_with("ssl://")) options.set_ssl(trust(settings));
    return options;
}

void BrokerLine::connect() {
    writer_.write([this] { do_connect(); });
}

void BrokerLine::publish(::mqtt::const_message_ptr message, std::uint64_t number) {
    writer_.write([this, message = std::move(message), number] { do_publish(message, number); });
}

void BrokerLine::subscribe(const std::string& filter, std::uint32_t id, std::uint32_t answer) {
    writer_.write([this, filter, id, answer] { do_subscribe(filter, id, answer); });
}

void BrokerLine::unsubscribe(const std::string& filter, std::uint32_t answer) {
    writer_.write([this, filter, answer] { do_unsubscribe(filter, answer); });
}

void BrokerLine::stored(std::uint64_t number) {
    {
        const std::scoped_lock lock(inbox_->mutex);
        inbox_->stored = std::max(inbox_->stored, number);
    }
    inbox_->room.notify_all();
}

void BrokerLine::do_connect() noexcept {
    try {
        client_.connect(options(), nullptr, *this);
    } catch (const std::exception& error) {
        push({Event::What::down, Errc::ok, false, 0, error.what()});
    }
}

void BrokerLine::do_publish(const ::mqtt::const_message_ptr& message, std::uint64_t number) noexcept {
    try {
        client_.publish(message, as_context(number), *this);
    } catch (const std::exception&) {  // the line is down, which is told
        push({Event::What::returned, Errc::unavailable, false, number});
    }
}

void BrokerLine::do_subscribe(const std::string& filter, std::uint32_t id, std::uint32_t answer) noexcept {
    try {
        if (!terms_.settings.v5) return static_cast<void>(client_.subscribe(filter, qos, as_context(answer), *this));
        ::mqtt::properties properties;
        properties.add({Code::SUBSCRIPTION_IDENTIFIER, static_cast<std::int32_t>(id)});
        const bool shared = filter.starts_with("$share/");
        const ::mqtt::subscribe_options how(::mqtt::subscribe_options::SUBSCRIBE_LOCAL, !shared);
        client_.subscribe(filter, qos, as_context(answer), *this, how, properties);
    } catch (const std::exception&) {  // the line is down, which is about to be told
    }
}

void BrokerLine::do_unsubscribe(const std::string& filter, std::uint32_t answer) noexcept {
    try {
        client_.unsubscribe(filter, as_context(answer), *this);
    } catch (const std::exception&) {  // the line is down
    }
}

void BrokerLine::push(Event&& event) {
    const std::size_t bytes = event.message ? event.message->get_payload_ref().size() + event.message->get_topic().size() : 0;
    std::unique_lock lock(inbox_->mutex);
    if (bytes != 0) inbox_->room.wait(lock, [&] { return inbox_->closed || inbox_->bytes < most_waiting_bytes; });
    if (inbox_->closed) return;
    inbox_->bytes += bytes;
    inbox_->events.push_back(std::move(event));
    if (std::exchange(inbox_->posted, true)) return;
    lock.unlock();
    post_([inbox = inbox_] {
        if (inbox->line) inbox->line->drain();
    });
}

void BrokerLine::drain() noexcept {
    std::vector<Event> events;
    {
        const std::scoped_lock lock(inbox_->mutex);
        events.swap(inbox_->events);
        inbox_->bytes = 0;
        inbox_->posted = false;
    }
    inbox_->room.notify_all();
    for (const Event& each : events) handle(each);
}

void BrokerLine::handle(const Event& event) noexcept {
    switch (event.what) {
        case Event::What::up: return owner_.line_up();
        case Event::What::window: return owner_.takes_at_once(event.number);
        case Event::What::down: return owner_.line_down(event.text);
        case Event::What::taken: return owner_.message_taken(event.number, event.code, event.nobody);
        case Event::What::returned: return owner_.message_returned(event.number);
        case Event::What::filter: return owner_.filter_taken(static_cast<std::uint32_t>(event.number), event.code);
        case Event::What::left: return owner_.filter_left(static_cast<std::uint32_t>(event.number));
        case Event::What::message: return owner_.message_arrived(*event.message, event.number);
    }
}

/// Once for each connection; the token of `connect` says it twice.
void BrokerLine::connected(const std::string&) { push({Event::What::up}); }

void BrokerLine::connection_lost(const std::string& cause) {
    push({Event::What::down, Errc::ok, false, 0, cause.empty() ? "the broker is gone" : cause});
}

void BrokerLine::message_arrived(::mqtt::const_message_ptr message) {
    const bool waits = terms_.waits && message->get_qos() != 0;
    const std::uint64_t number = waits ? ++last_arrival_ : 0;
    push({Event::What::message, Errc::ok, false, number, {}, std::move(message)});
    if (waits) wait_until_stored(number);
}

/// Paho acknowledges when this returns. Whoever cannot store keeps the broker waiting until it gives the line up, which it does when nothing has come
/// for one and a half times the keep-alive; then nothing is acknowledged, and the message comes again.
void BrokerLine::wait_until_stored(std::uint64_t number) {
    std::unique_lock lock(inbox_->mutex);
    inbox_->room.wait_for(lock, 2 * terms_.settings.keep_alive + connect_timeout, [&] { return inbox_->closed || inbox_->stored >= number; });
}

void BrokerLine::on_success(const ::mqtt::token& token) {
    const bool nobody = static_cast<ReasonCode>(token.get_reason_code()) == ReasonCode::no_matching_subscribers;
    switch (token.get_type()) {
        case ::mqtt::token::CONNECT: return push({Event::What::window, Errc::ok, false, receive_maximum(token)});
        case ::mqtt::token::PUBLISH: return push({Event::What::taken, Errc::ok, nobody, number_of(token)});
        case ::mqtt::token::SUBSCRIBE: return push({Event::What::filter, Errc::ok, false, number_of(token)});
        case ::mqtt::token::UNSUBSCRIBE: return push({Event::What::left, Errc::ok, false, number_of(token)});
        default: return;
    }
}

void BrokerLine::on_failure(const ::mqtt::token& token) {
    const Errc code = to_errc(token.get_reason_code());
    switch (token.get_type()) {
        case ::mqtt::token::CONNECT: return push({Event::What::down, Errc::ok, false, 0, why_not(token)});
        case ::mqtt::token::PUBLISH:
            return push({refused(token) ? Event::What::taken : Event::What::returned, code, false, number_of(token)});
        case ::mqtt::token::SUBSCRIBE:
            if (refused(token) || token.get_return_code() == MQTT_BAD_SUBSCRIBE)
                push({Event::What::filter, refused(token) ? code : Errc::denied, false, number_of(token)});
            return;
        case ::mqtt::token::UNSUBSCRIBE:
            if (refused(token)) push({Event::What::left, Errc::ok, false, number_of(token)});
            return;
        default: return;
    }
}

}  // namespace junctor::mqtt
