#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/mqtt/machine.hpp"
#include "tests/unit/connectors/mqtt/bytes.hpp"

namespace junctor::mqtt::wire {

/// Writes down what the machine asks for, one word or packet per action, and can answer the gate's questions at once.
class RecordedActions final : public Actions {
public:
    struct Published {
        std::string topic;
        std::string payload;
        Qos qos;
        bool retain;
        std::optional<Duration> ttl;
        Extras extras;
        Token token;
        std::uint16_t exactly_once_id;
    };

    void send(Bytes packet) noexcept override { log.push_back(to_hex(packet)); }
    void authenticate(const Connect& connect) noexcept override { log.push_back("authenticate " + std::string(connect.client_id)); }
    void continue_authentication(Bytes data) noexcept override { log.push_back("continue " + to_hex(data)); }
    void publish(Draft&& draft, Token token) noexcept override {
        published.push_back({std::string(draft.topic.text()), std::string(as_text(draft.payload)), draft.qos, draft.retain, draft.ttl,
                             draft.extras ? *draft.extras : Extras{}, token, draft.exactly_once_id});
        log.push_back("publish " + published.back().topic);
        if (machine && settle_publish && token.value != 0) machine->settled(token, *settle_publish, *this);
    }
    void subscribe(std::span<const SubscribeRequest> asked, Token token) noexcept override {
        requests.assign(asked.begin(), asked.end());
        last_token = token;
        log.push_back("subscribe " + std::to_string(asked.size()));
    }
    void unsubscribe(std::span<const TopicFilter> filters, Token token) noexcept override {
        last_token = token;
        log.push_back("unsubscribe " + std::to_string(filters.size()));
    }
    void reauthenticate(std::string_view method, Bytes data) noexcept override {
        log.push_back("again " + std::string(method) + " " + to_hex(data));
    }
    void acknowledge(std::uint64_t sequence, Progress progress) noexcept override {
        log.push_back((progress == Progress::received ? "received " : "done ") + std::to_string(sequence));
        if (machine && release_at_once && progress == Progress::received) machine->released(sequence, *this);
    }
    void release(std::uint16_t packet_id, Token token) noexcept override {
        last_token = token;
        log.push_back("release " + std::to_string(packet_id));
    }
    void forget_will() noexcept override { log.push_back("forget will"); }
    void change_expiry(Duration expiry) noexcept override {
        const bool for_ever = expiry == Duration::max();
        log.push_back("expiry " + (for_ever ? "never" : std::to_string(std::chrono::ceil<std::chrono::seconds>(expiry).count())));
    }
    void hang_up(CloseReason reason) noexcept override { log.push_back("close " + std::string(to_string(reason))); }

    /// What has been logged since the last call.
    std::vector<std::string> take() { return std::exchange(log, {}); }

    std::vector<std::string> log;
    std::vector<Published> published;
    std::vector<SubscribeRequest> requests;
    Token last_token;
    Machine* machine = nullptr;
    bool release_at_once = false;           ///< what was received stands durably at once
    std::optional<Receipt> settle_publish;  ///< answers every publish of QoS 1 and 2 at once
};

}  // namespace junctor::mqtt::wire
