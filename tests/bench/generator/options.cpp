#include "tests/bench/generator/options.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string_view>

namespace bench {
namespace {

[[noreturn]] void refuse(const std::string& what) {
    std::fprintf(stderr, "load_generator: %s\n", what.c_str());
    std::exit(2);
}

template <class Enum>
Enum one_of(const std::map<std::string_view, Enum>& names, std::string_view text) {
    const auto found = names.find(text);
    if (found == names.end()) refuse("no such choice: " + std::string(text));
    return found->second;
}

double number(const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (end == text.c_str() || *end != '\0' || value < 0) refuse("not a number: " + text);
    return value;
}

std::uint32_t count(const std::string& text) {
    return static_cast<std::uint32_t>(number(text));
}

using Setter = std::function<void(Options&, const std::string&)>;

const std::map<std::string_view, Setter>& setters() {
    static const std::map<std::string_view, Setter> table{
        {"--protocol",
         [](Options& o, const std::string& v) {
             o.protocol = one_of<Protocol>(
                 {{"mqtt", Protocol::mqtt}, {"mqtt-tls", Protocol::mqtt_over_tls}, {"mqtt-ws", Protocol::mqtt_over_websocket}, {"json-ws", Protocol::json_over_websocket}}, v);
         }},
        {"--pattern",
         [](Options& o, const std::string& v) {
             o.pattern = one_of<Pattern>({{"fan", Pattern::fan}, {"pairs", Pattern::pairs}, {"stored", Pattern::stored}, {"idle", Pattern::idle},
                                          {"retained", Pattern::retained}, {"offline", Pattern::offline}}, v);
         }},
        {"--host", [](Options& o, const std::string& v) { o.host = v; }},
        {"--port", [](Options& o, const std::string& v) { o.port = static_cast<std::uint16_t>(count(v)); }},
        {"--path", [](Options& o, const std::string& v) { o.path = v; }},
        {"--publishers", [](Options& o, const std::string& v) { o.publishers = count(v); }},
        {"--subscribers", [](Options& o, const std::string& v) { o.subscribers = count(v); }},
        {"--size", [](Options& o, const std::string& v) { o.size = count(v); }},
        {"--window", [](Options& o, const std::string& v) { o.window = count(v); }},
        {"--qos", [](Options& o, const std::string& v) { o.qos = count(v); }},
        {"--retain", [](Options& o, const std::string& v) { o.retain = count(v) != 0; }},
        {"--persistent", [](Options& o, const std::string& v) { o.persistent = count(v) != 0; }},
        {"--in-flight", [](Options& o, const std::string& v) { o.in_flight = count(v); }},
        {"--sleeps", [](Options& o, const std::string& v) { o.sleeps = count(v) != 0; }},
        {"--rate", [](Options& o, const std::string& v) { o.rate = number(v); }},
        {"--seconds", [](Options& o, const std::string& v) { o.seconds = number(v); }},
        {"--subscriptions", [](Options& o, const std::string& v) { o.subscriptions = count(v); }},
        {"--messages", [](Options& o, const std::string& v) { o.messages = count(v); }},
        {"--connections", [](Options& o, const std::string& v) { o.connections = count(v); }},
        {"--subscribe", [](Options& o, const std::string& v) { o.subscribe = count(v) != 0; }},
        {"--hold", [](Options& o, const std::string& v) { o.hold_seconds = number(v); }},
        {"--pid", [](Options& o, const std::string& v) { o.pid = static_cast<int>(number(v)); }},
    };
    return table;
}

void check(const Options& options) {
    if (options.publishers == 0 || options.subscribers == 0 || options.window == 0 || options.in_flight == 0) refuse("counts start at 1");
    if (options.pattern == Pattern::pairs && options.publishers != options.subscribers) refuse("pairs need as many subscribers as publishers");
    if (options.qos > 2) refuse("QoS is 0, 1 or 2");
    if (options.size < 40) refuse("a payload has at least 40 bytes: its stamp");
}

}  // namespace

Options parse_options(int argc, char** argv) {
    Options options;
    for (int index = 1; index < argc; index += 2) {
        const auto found = setters().find(argv[index]);
        if (found == setters().end()) refuse("no such option: " + std::string(argv[index]));
        if (index + 1 == argc) refuse(std::string(argv[index]) + " needs a value");
        found->second(options, argv[index + 1]);
    }
    check(options);
    return options;
}

}  // namespace bench
