#include "gateway/status_topics.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "gateway/version.hpp"

namespace junctor {

namespace {

using Numbers = StatusTopics::Numbers;

struct Total {
    const char* topic;
    std::int64_t Numbers::* number;
};

constexpr Total totals[] = {
    {"clients/connected", &Numbers::connected},
    {"clients/active", &Numbers::connected},  // the older name of the same
    {"clients/disconnected", &Numbers::away},
    {"clients/inactive", &Numbers::away},  // likewise
    {"subscriptions/count", &Numbers::subscriptions},
    {"retained messages/count", &Numbers::retained},
    {"store/messages/count", &Numbers::kept},
    {"messages/stored", &Numbers::kept},  // likewise
    {"store/messages/bytes", &Numbers::kept_bytes},
    {"messages/received", &Numbers::received},
    {"messages/sent", &Numbers::sent},
    {"publish/messages/received", &Numbers::received},
    {"publish/messages/sent", &Numbers::sent},
    {"publish/messages/dropped", &Numbers::dropped},
    {"bytes/received", &Numbers::bytes_received},
    {"bytes/sent", &Numbers::bytes_sent},
};

constexpr Total rates[] = {
    {"messages/received", &Numbers::received}, {"messages/sent", &Numbers::sent},
    {"publish/received", &Numbers::received},  {"publish/sent", &Numbers::sent},
    {"publish/dropped", &Numbers::dropped},    {"bytes/received", &Numbers::bytes_received},
    {"bytes/sent", &Numbers::bytes_sent},      {"connections", &Numbers::connections},
};

struct Window {
    const char* name;
    std::chrono::minutes length;
};

constexpr Window windows[] = {
    {"1min", std::chrono::minutes(1)}, {"5min", std::chrono::minutes(5)}, {"15min", std::chrono::minutes(15)}};

double minutes(Duration time) { return std::chrono::duration<double, std::ratio<60>>(time).count(); }

std::string two_decimals(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value);
    return text;
}

}  // namespace

StatusTopics::StatusTopics(Core& core, Duration interval, Read read, Publish publish)
    : core_(core), interval_(interval), started_(core.now()), read_(std::move(read)), publish_(std::move(publish)) {
    static_assert(std::size(rates) == rate_count && std::size(windows) == window_count);
    last_ = read_();
    show("version", "junctor version " + std::string(version()));
    publish_all(core_.now());
}

void StatusTopics::expired(TimePoint now) noexcept { publish_all(now); }

void StatusTopics::publish_all(TimePoint now) {
    const Numbers numbers = read_();
    publish_totals(numbers, now);
    publish_loads(numbers);
    last_ = numbers;
    core_.timers().arm(*this, now + interval_);
}

void StatusTopics::publish_totals(const Numbers& numbers, TimePoint now) {
    show("uptime", std::to_string(std::chrono::floor<std::chrono::seconds>(now - started_).count()) + " seconds");
    for (const Total& total : totals) show(total.topic, std::to_string(numbers.*total.number));
    most_connected_ = std::max(most_connected_, numbers.connected);
    show("clients/maximum", std::to_string(most_connected_));
    show("clients/total", std::to_string(numbers.connected + numbers.away));
}

/// Per minute, averaged over the window with exponential decay.
void StatusTopics::publish_loads(const Numbers& numbers) {
    for (std::size_t rate = 0; rate < rate_count; ++rate) {
        const double per_minute = static_cast<double>(numbers.*rates[rate].number - last_.*rates[rate].number) / minutes(interval_);
        for (std::size_t window = 0; window < window_count; ++window) {
            double& load = loads_[rate][window];
            load = per_minute + std::exp(-minutes(interval_) / minutes(windows[window].length)) * (load - per_minute);
            show(std::string("load/") + rates[rate].topic + "/" + windows[window].name, two_decimals(load));
        }
    }
}

void StatusTopics::show(const std::string& topic, std::string value) {
    std::string& shown = shown_[topic];
    if (shown == value) return;
    shown = std::move(value);
    publish_("$SYS/broker/" + topic, shown);
}

}  // namespace junctor
