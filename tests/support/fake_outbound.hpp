#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/ports/outbound.hpp"

namespace junctor::test {

/// Servers elsewhere, played by the test: it sees what is asked and answers when it likes.
class FakeOutbound final : public Outbound {
public:
    struct Asked {
        OutboundRequest request;
        OutboundDone done;
        bool cancelled = false;
    };

    OutboundTrustPtr trust(const OutboundTls&) override { return std::make_shared<const OutboundTrust>(); }

    std::unique_ptr<OutboundCall> send(CoreId, OutboundRequest request, OutboundDone done) override {
        auto asked = std::make_shared<Asked>(Asked{std::move(request), std::move(done)});
        all.push_back(asked);
        open.push_back(asked);
        return std::make_unique<Call>(asked);
    }

    /// Answers the oldest question that is open and not given up.
    void answer(unsigned status, std::string_view body, std::vector<Header> headers = {}) {
        OutboundAnswer answer;
        answer.response.status = status;
        answer.response.headers = std::move(headers);
        append(answer.response.body, body);
        settle(std::move(answer));
    }
    void fail(OutboundFailure why = OutboundFailure::unreachable) { settle(OutboundAnswer(why, "the test says so")); }

    std::size_t waiting() {
        drop_cancelled();
        return open.size();
    }
    const OutboundRequest& last() const { return all.back()->request; }
    std::string last_body() const { return std::string(as_text(last().body)); }

    std::vector<std::shared_ptr<Asked>> all;
    std::deque<std::shared_ptr<Asked>> open;

private:
    struct Call final : OutboundCall {
        explicit Call(std::shared_ptr<Asked> which) : asked(std::move(which)) {}
        ~Call() override {
            if (!asked) return;
            asked->cancelled = true;
            asked->done = nullptr;
        }
        void let_go() noexcept override { asked.reset(); }
        std::shared_ptr<Asked> asked;
    };

    void drop_cancelled() {
        while (!open.empty() && open.front()->cancelled) open.pop_front();
    }
    void settle(OutboundAnswer answer) {
        drop_cancelled();
        const std::shared_ptr<Asked> asked = open.at(0);
        open.pop_front();
        const OutboundDone done = std::move(asked->done);
        done(std::move(answer));
    }
};

}  // namespace junctor::test
