#include "tests/simulation/describe.hpp"

#include <map>

namespace junctor::simulation {
namespace {

class Lines {
public:
    explicit Lines(const History& history) : history_(history) {}

    void add(Step at, std::size_t life, const std::string& what) {
        if (at != 0) lines_.emplace(at, history_.lives[life].client + "[" + std::to_string(life) + "] " + what);
    }
    void add_rules(const RulesInForce& each) {
        std::string text = "rules:";
        for (const Rule& rule : each.rules) text += " no " + std::string(to_string(rule.verb)) + " " + rule.filter + " for " + rule.principal + ";";
        lines_.emplace(each.from, text);
    }
    void add_fault(const Fault& each) { lines_.emplace(each.at, each.what); }
    std::string text() const {
        std::string all;
        for (const auto& [at, line] : lines_) all += std::to_string(at) + "  " + line + "\n";
        return all;
    }

private:
    const History& history_;
    std::multimap<Step, std::string> lines_;
};

std::string qos_text(Qos qos) { return " qos " + std::to_string(static_cast<int>(qos)); }

std::string kind_text(Kind kind) { return kind == Kind::request ? "requests " : kind == Kind::send ? "sends " : "publishes "; }

}  // namespace

std::string describe(const History& history) {
    Lines lines(history);
    for (std::size_t at = 0; at < history.lives.size(); ++at) {
        lines.add(history.lives[at].opened, at, "begins " + history.lives[at].name);
        lines.add(history.lives[at].ended, at, "ends");
        lines.add(history.lives[at].noticed, at, "is known to have ended");
    }
    for (std::size_t number = 0; number < history.publications.size(); ++number) {
        const Publication& sent = history.publications[number];
        const std::string name = std::to_string(number);
        lines.add(sent.sent, sent.life, kind_text(sent.kind) + name + " on " + sent.topic + qos_text(sent.qos) + (sent.retain ? " retained" : ""));
        lines.add(sent.handed, sent.life, "has handed over " + name);
        lines.add(sent.acknowledged, sent.life, "knows " + name + " is taken");
        lines.add(sent.refused, sent.life, "knows " + name + " is refused");
    }
    for (const Subscription& each : history.subscriptions) {
        lines.add(each.asked, each.life, "subscribes " + each.filter + qos_text(each.qos));
        lines.add(each.granted, each.life, "has got " + each.filter);
        lines.add(each.refused, each.life, "may not have " + each.filter);
        lines.add(each.leaving, each.life, "unsubscribes " + each.filter);
        lines.add(each.left, each.life, "has lost " + each.filter);
    }
    for (const Arrival& arrival : history.arrivals)
        lines.add(arrival.at, arrival.life, "gets " + arrival.payload + " on " + arrival.topic + qos_text(arrival.qos) + (arrival.retain ? " retained" : ""));
    for (const Drop& each : history.drops) lines.add(each.at, each.life, "misses " + each.payload + (each.waited ? ": its queue is full" : ": it does not want it any more"));
    for (const RulesInForce& each : history.rules) lines.add_rules(each);
    for (const Fault& each : history.faults) lines.add_fault(each);
    return lines.text();
}

}  // namespace junctor::simulation
