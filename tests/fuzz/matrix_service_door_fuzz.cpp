#include "connectors/matrix/service_door.hpp"
#include "tests/support/fake_exchange.hpp"
#include "tests/support/fake_host.hpp"
#include "tests/support/lone_core.hpp"

using namespace junctor;

namespace {

struct Door {
    Door() {
        matrix::BackendSettings settings;
        settings.room = "#shared:hs";
        settings.listen = {{"127.0.0.1", 1}, "http://127.0.0.1:1", "token", "gateway"};
        door = std::make_shared<matrix::ServiceDoor>(settings);
        door->open(host);
        door->start([](const std::function<void()>& task) { task(); },
                    [](const std::string& id, const matrix::PushedEvents& events, const matrix::Transactions::Answer& answer) {
                        if (id.empty() || events->size() > matrix::most_pushed) std::abort();
                        answer(events->size() % 2 == 0);
                    });
    }

    test::LoneCore lone;
    test::FakeHost host;
    std::shared_ptr<matrix::ServiceDoor> door;
};

}  // namespace

/// The first byte chooses the route and whether the caller knows the token; a line is the path, the rest the body. Every request is answered
/// once it has been dealt with, and nobody without the token gets anything but 401 or 403.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Door door;
    if (size == 0) return 0;
    const std::string_view text = as_text({data + 1, size - 1});
    const std::size_t line = std::min(text.find('\n'), text.size());
    const bool known = (data[0] & 4U) != 0;
    const HttpRoute& route = door.host.http[data[0] & 3U].second;
    HttpRequest request;
    request.path = route.prefix + std::string(text.substr(0, line));
    if (known) request.headers.push_back({"Authorization", "Bearer token"});
    append(request.body, text.substr(std::min(line + 1, text.size())));
    const auto exchange = std::make_shared<test::FakeExchange>(door.lone.core, std::move(request));
    route.handler(exchange);
    for (auto& [core, task] : std::exchange(door.host.posted, {})) task(door.lone.core);
    if (exchange->status() == 0 || known == (exchange->status() == 401)) std::abort();
    return 0;
}
