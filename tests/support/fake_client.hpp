#pragma once

#include <optional>
#include <string>

#include "tests/support/fake_session.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor::test {

/// A fake session that is open on a core of a cluster, with the gate's calls in short form. Leaves when it is destroyed.
class FakeClient {
public:
    explicit FakeClient(TestCluster& cluster, const std::string& name = {}, std::size_t core = 0, TenantId tenant = {})
        : cluster_(cluster), core_(name.empty() ? core : cluster.core().home_of(tenant, name).value), session_(name, "tester", tenant) {
        opened = gate().open(session_, {}).has_value();
    }
    /// A named session under these terms, which takes deliveries at once.
    FakeClient(TestCluster& cluster, const std::string& name, const SessionTerms& terms, const std::string& principal = "tester",
               TenantId tenant = {})
        : cluster_(cluster), core_(cluster.core().home_of(tenant, name).value), session_(name, principal, tenant) {
        session_.close_through = &gate();
        const Result<Opened> result = gate().open(session_, terms);
        opened = result.has_value();
        if (!opened) return;
        found = *result;
        gate().ready(session_);
    }
    ~FakeClient() { close(); }
    FakeClient(const FakeClient&) = delete;

    FakeSession& operator*() noexcept { return session_; }
    FakeSession* operator->() noexcept { return &session_; }
    PolicyGate& gate() noexcept { return cluster_.gate(core_); }
    std::size_t core() const noexcept { return core_; }

    void close() { gate().close(session_, CloseReason::normal); }
    void acknowledge(std::uint64_t sequence, Progress progress = Progress::done) { gate().acknowledge(session_, sequence, progress); }
    Result<void> set_will(const std::string& topic, const std::string& payload, Duration delay = {}, Qos qos = Qos::at_least_once) {
        auto will = std::make_unique<Will>();
        will->topic = topic;
        append(will->payload, payload);
        will->delay = delay;
        will->draft.qos = qos;
        return gate().set_will(session_, std::move(will));
    }

    /// Its views are into this client, until the next draft.
    Draft draft(const std::string& topic, const std::string& payload, Qos qos = Qos::at_most_once) {
        Draft draft;
        topic_ = topic;
        payload_ = payload;
        draft.topic = *Topic::parse(session_.principal()->tenant, topic_);
        draft.payload = as_bytes(payload_);
        draft.qos = qos;
        return draft;
    }

    void publish(const std::string& topic, const std::string& payload, Qos qos = Qos::at_most_once, std::uint64_t token = 0) {
        gate().publish(session_, draft(topic, payload, qos), Token{token});
    }
    void retain(const std::string& topic, const std::string& payload) {
        Draft kept = draft(topic, payload);
        kept.retain = true;
        gate().publish(session_, std::move(kept), {});
    }
    void send(const std::string& topic, const std::string& payload, std::uint64_t token = 0) {
        Draft one = draft(topic, payload, Qos::at_least_once);
        one.kind = Kind::send;
        gate().publish(session_, std::move(one), Token{token});
    }
    void request(const std::string& topic, const std::string& payload, Duration timeout, std::uint64_t token) {
        gate().request(session_, draft(topic, payload), timeout, Token{token});
    }

    /// The code, or nullopt while other cores have not confirmed.
    std::optional<Errc> subscribe(const std::string& filter, const SubscribeOptions& options) {
        const std::uint64_t token = ++last_token_;
        const SubscribeRequest request{*TopicFilter::parse(session_.principal()->tenant, filter), options};
        gate().subscribe(session_, {&request, 1}, Token{token});
        return code_of(token);
    }
    std::optional<Errc> subscribe(const std::string& filter, Qos qos = Qos::at_most_once) {
        return subscribe(filter, SubscribeOptions{0, qos, RetainHandling::send, false, false});
    }
    std::optional<Errc> unsubscribe(const std::string& filter) {
        const std::uint64_t token = ++last_token_;
        const TopicFilter parsed = *TopicFilter::parse(session_.principal()->tenant, filter);
        gate().unsubscribe(session_, {&parsed, 1}, Token{token});
        return code_of(token);
    }

    bool opened = false;
    Opened found;

private:
    std::optional<Errc> code_of(std::uint64_t token) const {
        const FakeSession::Settled* settled = session_.settlement(token);
        return settled ? std::optional(settled->each.at(0)) : std::nullopt;
    }

    TestCluster& cluster_;
    std::size_t core_;
    FakeSession session_;
    std::string topic_;
    std::string payload_;
    std::uint64_t last_token_ = 1'000'000;
};

}  // namespace junctor::test
