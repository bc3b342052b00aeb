#include "tests/simulation/rest_client.hpp"

#include <algorithm>

#include "connectors/websocket/codec.hpp"
#include "core/runtime/core.hpp"

namespace junctor::simulation {
namespace {

HttpRequest request_of(std::string method, std::string path, std::string query, std::string body) {
    HttpRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.query = std::move(query);
    request.headers = {{"Host", "127.0.0.1:8080"}};
    request.body.assign(body.begin(), body.end());
    request.peer = Peer{"127.0.0.1:50000", true, false, {}, {}, {}};
    return request;
}

}  // namespace

RestClient::RestClient(Surroundings around, std::string name, const std::vector<std::pair<Address, HttpRoute>>& routes)
    : Client(around, std::move(name)), routes_(routes), core_(any_core()) {}

RestClient::~RestClient() { cut(); }

void RestClient::connect(const std::string&) {
    begin_life("rest", "");
    connected_ = true;
    dismissed_ = false;
}

void RestClient::cut() {
    if (!connected_) return;
    core_at(core_);
    connected_ = false;
    stalled_ = false;
    waiting_.clear();
    for (Call& call : std::exchange(calls_, {})) call.exchange->close();
    for (EventStream& stream : std::exchange(streams_, {})) {
        stream.exchange->close();
        end_life(stream.life);
    }
    end_life(life());
}

void RestClient::stall(bool stalled) {
    core_at(core_);
    stalled_ = stalled;
    for (EventStream& stream : streams_) {
        if (stalled) stream.exchange->stalled = true;
        else stream.exchange->unstall();
    }
}

// What is being served is answered; nothing new is taken.
void RestClient::drain(std::size_t core) {
    if (!connected_ || core != core_) return;
    core_at(core_);
    dismissed_ = true;
    waiting_.clear();
    told(life());
    for (const Call& call : calls_) call.exchange->drain();
    for (const EventStream& stream : streams_) stream.exchange->drain();
}

bool RestClient::turn() {
    core_at(core_);
    if (random().below(2) == 0 && start_call()) return true;
    for (EventStream& stream : streams_)
        if (move_stream(stream)) return true;
    return finish_call() || start_call();
}

std::shared_ptr<test::FakeExchange> RestClient::exchange_for(std::string method, std::string path, std::string query, std::string body) {
    return std::make_shared<test::FakeExchange>(cluster().core(core_), request_of(std::move(method), std::move(path), std::move(query), std::move(body)));
}

void RestClient::serve(const std::shared_ptr<test::FakeExchange>& exchange) {
    const HttpRequest& request = exchange->request();
    for (const auto& [address, route] : routes_)
        if (route.method == request.method && request.path.starts_with(route.prefix)) return route.handler(exchange);
    throw std::logic_error("no route for " + request.path);
}

void RestClient::send_publication(std::size_t number) {
    const Publication& made = publication(number);
    const bool asks = made.kind == Kind::request;
    std::string query = asks ? "timeout=5s" : "qos=" + std::to_string(static_cast<int>(made.qos));
    if (made.retain) query += "&retain=1";
    if (made.kind == Kind::send) query += "&send=1";
    const std::string path = (asks ? "/v1/requests/" : "/v1/topics/") + made.topic;
    Call call{exchange_for("POST", path, query, std::to_string(number)), number};
    call.exchange->add_header("Content-Type", made.content_type);
    waiting_.push_back(std::move(call));
}

void RestClient::send_reply(const std::string& reply_to, const std::string&, const std::string& payload) {
    waiting_.push_back({exchange_for("POST", "/v1/topics/" + percent_encode(reply_to, "/$"), "", payload), std::nullopt});
}

// A stream is a connection of its own: it does not queue behind the calls.
void RestClient::send_subscribe(std::size_t index) {
    Subscription& asked = subscription(index);
    const std::size_t own = begin_side_life("rest");
    asked.life = own;
    auto exchange = exchange_for("GET", "/v1/topics/" + percent_encode(asked.filter, "/"), "qos=" + std::to_string(static_cast<int>(asked.qos)), "");
    exchange->add_header("Accept", "text/event-stream");
    exchange->stalled = stalled_;
    streams_.push_back({exchange, index, own});
    core_at(core_);
    serve(exchange);
}

void RestClient::send_unsubscribe(std::size_t index) {
    const auto stream = std::find_if(streams_.begin(), streams_.end(), [&](const EventStream& each) { return each.subscription == index; });
    if (stream == streams_.end()) return;
    core_at(core_);
    stream->exchange->close();
    sent_away(stream->life);
    end_life(stream->life);
    left(index);
    streams_.erase(stream);
}

bool RestClient::start_call() {
    if (waiting_.empty()) return false;
    calls_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    const Call& call = calls_.back();
    serve(call.exchange);
    if (call.number) handed(*call.number);
    return true;
}

bool RestClient::finish_call() {
    const auto done = std::find_if(calls_.begin(), calls_.end(), [](const Call& call) { return call.exchange->complete; });
    if (done == calls_.end()) return false;
    const Call call = std::move(*done);
    calls_.erase(done);
    if (!call.number) return true;
    const HttpResponse& answer = call.exchange->head;
    const bool well = answer.status < 300;
    if (publication(*call.number).kind == Kind::request) outcome(*call.number, well ? std::string(as_text(answer.body)) : "error");
    else taken(*call.number, well);
    return true;
}

bool RestClient::move_stream(EventStream& stream) {
    if (stalled_) return false;
    if (!stream.begun && stream.exchange->begun) {
        stream.begun = true;
        granted(stream.subscription, true);
        return true;
    }
    if (read_stream(stream)) return true;
    if (!stream.exchange->complete) return false;
    if (!stream.begun) granted(stream.subscription, false);
    if (dismissed_) told(stream.life);
    else sent_away(stream.life);
    end_life(stream.life);
    const auto gone = std::find_if(streams_.begin(), streams_.end(), [&](const EventStream& each) { return &each == &stream; });
    streams_.erase(gone);
    return true;
}

bool RestClient::read_stream(EventStream& stream) {
    if (stream.exchange->written.empty()) return false;
    stream.decoder.feed(as_text(std::exchange(stream.exchange->written, {})));
    while (const auto event = stream.decoder.next())
        if (event->event.empty() && !event->data.empty()) take_event(stream, event->data);
    return true;
}

void RestClient::take_event(const EventStream& stream, const std::string& data) {
    websocket::OperationDecoder decoder(websocket::Sender::gateway, {});
    websocket::Operation operation;
    if (decoder.decode(data, operation)) throw std::logic_error("the gateway sent an event that is none: " + data);
    if (operation.op != websocket::Op::message) return;
    const websocket::Message& message = operation.message;
    Arrival arrival;
    arrival.life = stream.life;
    arrival.payload = as_text(message.data);
    arrival.topic = message.topic;
    arrival.content_type = message.content_type;
    arrival.qos = static_cast<Qos>(message.qos);
    arrival.retain = message.retain;
    arrived(std::move(arrival), std::string(message.reply_to), std::string(as_text(message.correlation)));
}

}  // namespace junctor::simulation
