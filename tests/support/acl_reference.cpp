#include "tests/support/acl_reference.hpp"

#include <algorithm>

namespace junctor::test {
namespace {

using Texts = std::vector<std::string>;

Texts split(const std::string& text) {
    Texts levels(1);
    for (const char letter : text)
        if (letter == '/')
            levels.emplace_back();
        else
            levels.back() += letter;
    return levels;
}

/// Section 4.7 of MQTT 5.0.
bool matches(const std::string& filter, const std::string& topic) {
    const Texts want = split(filter);
    const Texts have = split(topic);
    if (topic[0] == '$' && (want[0] == "+" || want[0] == "#")) return false;
    for (std::size_t i = 0; i < want.size(); ++i) {
        if (want[i] == "#") return true;
        if (i >= have.size() || (want[i] != "+" && want[i] != have[i])) return false;
    }
    return want.size() == have.size();
}

/// Every topic of up to four levels over the letters that filters use, one that they do not use, and what the two texts hold.
const std::vector<std::string>& world() {
    static const std::vector<std::string> topics = [] {
        const Texts letters = {"a", "b", "other", "$x"};
        Texts all = letters;
        std::size_t begin = 0;
        for (int depth = 1; depth < 4; ++depth) {
            const std::size_t end = all.size();
            for (std::size_t i = begin; i < end; ++i)
                for (const std::string& letter : letters) all.push_back(all[i] + "/" + letter);
            begin = end;
        }
        return all;
    }();
    return topics;
}

/// The filter for this one; empty: there is none.
std::string filled(std::string filter, const ReferenceAcl::Who& who) {
    const auto claim = who.claims.find("c");
    const std::map<std::string, std::string> values = {
        {"${user}", who.user}, {"${tenant}", who.tenant}, {"${client_id}", who.client_id}, {"${claim.c}", claim == who.claims.end() ? "" : claim->second}};
    bool first = filter.starts_with("${");
    for (const auto& [name, value] : values)
        for (std::size_t at = filter.find(name); at != std::string::npos; at = filter.find(name)) {
            if (value.empty() || value.find_first_of("/+#") != std::string::npos || (first && value[0] == '$')) return {};
            filter.replace(at, name.size(), value);
        }
    return filter;
}

bool covers(const std::string& filter, const std::string& object) {
    if (object.find_first_of("+#") == std::string::npos) return matches(filter, object);
    return std::ranges::all_of(world(), [&](const std::string& topic) { return !matches(object, topic) || matches(filter, topic); });
}

bool said(const Texts& verbs, Verb verb, bool with_topics) {
    const bool topicless = verb == Verb::connect || verb == Verb::admin;
    return std::ranges::any_of(verbs, [&](const std::string& each) {
        if (each == "all") return !(with_topics && topicless);
        return each == to_string(verb) || (each == "subscribe" && verb == Verb::receive);
    });
}

bool meets(const ReferenceAcl::Rule& rule, const ReferenceAcl::Who& who, Verb verb, const std::string& object) {
    if (!said(rule.verbs, verb, !rule.topics.empty())) return false;
    if (!rule.principals.empty() && std::ranges::find(rule.principals, who.user) == rule.principals.end()) return false;
    if (!rule.groups.empty() && std::ranges::none_of(rule.groups, [&](const auto& group) { return who.groups.contains(group); })) return false;
    if (object.empty()) return rule.topics.empty();
    if (rule.topics.empty()) return !rule.allow || object[0] != '$';
    return std::ranges::any_of(rule.topics, [&](const std::string& topic) {
        const std::string filter = filled(topic, who);
        return !filter.empty() && covers(filter, object);
    });
}

template <class List>
auto any_of_list(const List& list, std::mt19937& random) {
    return list[std::uniform_int_distribution<std::size_t>(0, list.size() - 1)(random)];
}

bool chance(std::mt19937& random, int one_in) { return std::uniform_int_distribution<int>(1, one_in)(random) == 1; }

const Texts names = {"a", "b", "$x", "+", "#", "a/b", ""};

std::string any_filter(std::mt19937& random, bool variables, bool wildcards) {
    static const Texts plain = {"a", "b", "$x"};
    static const Texts variable = {"${user}", "${client_id}", "${tenant}", "${claim.c}"};
    std::string filter;
    for (int level = 0; level < 3; ++level) {
        if (level > 0) filter += '/';
        if (wildcards && chance(random, 6)) return filter + "#";
        if (wildcards && chance(random, 4)) filter += "+";
        else filter += variables && chance(random, 4) ? any_of_list(variable, random) : any_of_list(plain, random);
        if (chance(random, 3)) break;
    }
    return filter;
}

std::string flow(const Texts& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "'" : ", '") + text + "'";
    return "[" + all + "]";
}

}  // namespace

Verdict::Outcome ReferenceAcl::decide(const Who& who, Verb verb, const std::string& object) const {
    bool allowed = false;
    for (const Rule& rule : rules) {
        if (!meets(rule, who, verb, object)) continue;
        if (!rule.allow) return Verdict::Outcome::deny;
        allowed = true;
    }
    return allowed ? Verdict::Outcome::allow : Verdict::Outcome::abstain;
}

std::string ReferenceAcl::yaml() const {
    std::string text = "[";
    for (const Rule& rule : rules) {
        text += std::string("{") + (rule.allow ? "allow: " : "deny: ") + flow(rule.verbs);
        if (!rule.topics.empty()) text += ", topics: " + flow(rule.topics);
        if (!rule.principals.empty()) text += ", principals: " + flow(rule.principals);
        if (!rule.groups.empty()) text += ", groups: " + flow(rule.groups);
        text += "},\n ";
    }
    return text + "]";
}

ReferenceAcl ReferenceAcl::any(std::mt19937& random) {
    static const Texts with_topic = {"publish", "subscribe", "receive", "request", "presence", "all"};
    static const Texts without = {"connect", "admin", "publish", "all"};
    ReferenceAcl made;
    for (std::size_t count = std::uniform_int_distribution<std::size_t>(1, 6)(random); count > 0; --count) {
        Rule& rule = made.rules.emplace_back();
        rule.allow = !chance(random, 3);
        const bool topics = !chance(random, 5);
        for (int i = 0; i < (topics ? 2 : 0); ++i) rule.topics.push_back(any_filter(random, true, true));
        rule.verbs = {any_of_list(topics ? with_topic : without, random), any_of_list(topics ? with_topic : without, random)};
        if (chance(random, 4)) rule.principals = {any_of_list(names, random), "b"};
        if (chance(random, 4)) rule.groups = {"g", "h"};
    }
    return made;
}

ReferenceAcl::Who ReferenceAcl::anybody(std::mt19937& random) {
    Who who{any_of_list(names, random), any_of_list(names, random), any_of_list(names, random), {}, {}};
    if (chance(random, 2)) who.groups.insert("g");
    if (!chance(random, 3)) who.claims["c"] = any_of_list(names, random);
    return who;
}

std::pair<Verb, std::string> ReferenceAcl::any_question(std::mt19937& random) {
    static const std::vector<Verb> verbs = {Verb::publish, Verb::subscribe, Verb::receive, Verb::request, Verb::presence, Verb::connect, Verb::admin};
    const Verb verb = any_of_list(verbs, random);
    if (verb == Verb::connect || verb == Verb::admin) return {verb, {}};
    return {verb, any_filter(random, false, verb == Verb::subscribe)};
}

}  // namespace junctor::test
