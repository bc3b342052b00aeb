// Answers of policy services, whatever they send: every question ends in one verdict, and none is an allow that does not say so.
#include <algorithm>
#include <cstdlib>

#include "core/config/load.hpp"
#include "policy/plugin.hpp"
#include "tests/support/outbound_recorder.hpp"
#include "tests/support/lone_core.hpp"

namespace {

using namespace junctor;

void require(bool holds) {
    if (!holds) std::abort();
}

struct Services {
    Services() {
        const PolicyParts parts{.clock = lone.clock,
                                .post = [this](CoreId, std::function<void(Core&)> task) { posted.push_back(std::move(task)); },
                                .changed = {},
                                .metrics = [this](CoreId) -> Metrics& { return lone.metrics; },
                                .outbound = &outbound,
                                .directory = {},
                                .tenants = {},
                                .name = "service"};
        for (const AuthorizerDescriptor& each : authorizer_descriptors()) {
            const bool opa = each.name == "opa";
            if (!opa && each.name != "http" && each.name != "authzen") continue;
            const std::string text = std::string("{url: 'http://a'") + (opa ? ", path: a" : "") + "}";
            all.push_back(each.make(config::load_text(text, each.fields, {"fuzz", {}}), parts));
        }
        require(all.size() == 3);
    }

    test::LoneCore lone;
    test::OutboundRecorder outbound;
    std::vector<std::function<void(Core&)>> posted;
    std::vector<std::shared_ptr<Authorizer>> all;
};

bool says_so(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    // A name may be written with escapes; a value cannot.
    return text.find("true") != std::string::npos || text.find("allow") != std::string::npos || text.find("\\u") != std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    static Services services;
    static const PrincipalRef who(new Principal({}, "somebody"));
    const std::shared_ptr<Authorizer>& authorizer = services.all[data[0] % 3];
    const std::size_t questions = 1 + data[0] / 3 % 3;
    constexpr unsigned statuses[] = {200, 204, 403, 500};
    const unsigned status = statuses[data[1] % 4];
    const std::string body(as_text({data + 2, size - 2}));
    std::vector<Verdict> verdicts;
    for (std::size_t i = 0; i < questions; ++i)
        authorizer->authorize({who, Verb::publish, "a/" + std::to_string(i), {}, "mqtt", {}}, [&](Verdict verdict) { verdicts.push_back(std::move(verdict)); });
    for (const auto& task : std::exchange(services.posted, {})) task(services.lone.core);
    while (!services.outbound.sent.empty()) services.outbound.answer(status, body);
    require(verdicts.size() == questions);
    const bool bare = authorizer == services.all[1] && body.empty() && status / 100 == 2;
    for (const Verdict& verdict : verdicts) {
        require(!verdict.allowed() || ((bare || says_so(body)) && status / 100 == 2));
        require(verdict.reason.size() <= 256 && verdict.valid_for >= Duration::zero() && verdict.valid_for <= std::chrono::minutes(10));
    }
    return 0;
}
