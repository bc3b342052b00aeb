#pragma once

#include <deque>

#include "core/ports/outbound.hpp"

namespace junctor::test {

/// Servers elsewhere, played by the test: it answers when it likes, as on the core that asked.
class OutboundRecorder final : public Outbound {
public:
    struct Sent {
        CoreId home;
        OutboundRequest request;
        std::shared_ptr<OutboundDone> done;  ///< empty: cancelled

        std::string body() const { return std::string(as_text(request.body)); }
        std::string header(std::string_view name) const {
            for (const Header& header : request.headers)
                if (header.name == name) return header.value;
            return {};
        }
    };

    OutboundTrustPtr trust(const OutboundTls& tls) override {
        trusted.push_back(tls);
        return nullptr;
    }

    std::unique_ptr<OutboundCall> send(CoreId home, OutboundRequest request, OutboundDone done) override {
        ++requests;
        sent.push_back({home, std::move(request), std::make_shared<OutboundDone>(std::move(done))});
        return std::make_unique<Call>(sent.back().done);
    }

    /// Of the oldest that waits.
    void answer(unsigned status, std::string_view body, std::string_view content_type = "application/json") {
        OutboundAnswer whole;
        whole.response = HttpResponse(status, content_type, body);
        end(std::move(whole));
    }
    void fail(OutboundFailure failure) { end(OutboundAnswer(failure, "the test says so")); }

    std::deque<Sent> sent;
    int requests = 0;
    std::vector<OutboundTls> trusted;

private:
    struct Call final : OutboundCall {
        explicit Call(std::shared_ptr<OutboundDone> its_done) : done(std::move(its_done)) {}
        ~Call() override {
            if (done) *done = nullptr;
        }
        void let_go() noexcept override { done.reset(); }
        std::shared_ptr<OutboundDone> done;
    };

    void end(OutboundAnswer answer) {
        const Sent oldest = std::move(sent.front());
        sent.pop_front();
        if (const OutboundDone done = std::exchange(*oldest.done, nullptr)) done(std::move(answer));
    }
};

}  // namespace junctor::test
