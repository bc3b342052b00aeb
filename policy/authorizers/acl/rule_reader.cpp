#include <algorithm>
#include <array>

#include "core/config/nearest_name.hpp"
#include "policy/authorizers/acl/rule.hpp"

namespace junctor::acl {
namespace {

using config::Section;
using config::Type;

constexpr std::string_view every_verb = "all";

std::uint32_t bit(Verb verb) noexcept { return 1U << static_cast<unsigned>(verb); }

constexpr std::array without_topic = {Verb::connect, Verb::admin};

std::uint32_t topicless() noexcept { return bit(Verb::connect) | bit(Verb::admin); }

std::vector<std::string> verb_names() {
    std::vector<std::string> names;
    for (std::size_t verb = 0; verb < verb_count; ++verb) names.emplace_back(to_string(static_cast<Verb>(verb)));
    names.emplace_back(every_verb);
    return names;
}

/// Reads one rule, and keeps what is wrong with it.
class Reader {
public:
    Reader(const Section& written, std::vector<std::string>& problems) : written_(written), problems_(problems) {}

    std::optional<Rule> read() {
        const std::size_t before = problems_.size();
        name();
        verbs();
        topics();
        rule_.principals = texts("principals");
        rule_.groups = texts("groups");
        rule_.tenants = texts("tenants");
        attributes();
        if (problems_.size() != before) return std::nullopt;
        return std::move(rule_);
    }

private:
    void problem(std::string_view field, const std::string& sentence) { problems_.push_back(written_.where(field) + ": " + sentence); }

    std::vector<std::string> texts(std::string_view field) const {
        return written_.has(field) ? written_.texts(field) : std::vector<std::string>{};
    }

    void name() {
        if (written_.has("name")) {
            rule_.name = written_.text("name");
            return;
        }
        const std::string where = written_.where();
        rule_.name = where.substr(0, where.rfind(':'));
    }

    void verbs() {
        const bool allow = written_.has("allow");
        if (allow == written_.has("deny")) return problem({}, "a rule has either 'allow: [...]' or 'deny: [...]'");
        rule_.allows = allow;
        const std::string_view field = allow ? "allow" : "deny";
        const std::vector<std::string> names = verb_names();
        for (const std::string& verb : written_.texts(field)) {
            const auto found = std::find(names.begin(), names.end(), verb);
            if (found == names.end()) {
                problem(field, "'" + verb + "' is no verb" + config::suggestion(verb, names));
            } else if (verb == every_verb) {
                rule_.verbs |= (1U << verb_count) - 1;
                if (written_.has("topics")) rule_.verbs &= ~topicless();
            } else {
                add(static_cast<Verb>(found - names.begin()), field);
            }
        }
        if (written_.texts(field).empty()) problem(field, "'" + std::string(field) + "' names no verb");
    }

    /// Who may subscribe gets what comes; who may not, does not get it by a wider filter either.
    void add(Verb verb, std::string_view field) {
        rule_.verbs |= bit(verb);
        if (verb == Verb::subscribe) rule_.verbs |= bit(Verb::receive);
        if (written_.has("topics") && std::find(without_topic.begin(), without_topic.end(), verb) != without_topic.end())
            problem(field, "'" + std::string(to_string(verb)) + "' is about no topic: give it a rule of its own, without 'topics'");
    }

    void topics() {
        if (!written_.has("topics")) return;
        if (written_.texts("topics").empty()) problem("topics", "'topics' names none; leave it out for all of them");
        for (const std::string& text : written_.texts("topics")) {
            std::string wrong;
            if (auto pattern = TopicPattern::parse(text, wrong))
                rule_.topics.push_back(std::move(*pattern));
            else
                problem("topics", "'" + text + "' " + wrong);
        }
    }

    void attributes() {
        for (const std::string& text : texts("attributes")) {
            const std::size_t equals = text.find('=');
            Rule::Attribute& attribute = rule_.attributes.emplace_back();
            attribute.name = text.substr(0, equals);
            if (equals != std::string::npos) attribute.value = text.substr(equals + 1);
            if (attribute.name.empty()) problem("attributes", "'" + text + "' is no 'name=value', nor a name alone");
        }
    }

    const Section& written_;
    std::vector<std::string>& problems_;
    Rule rule_;
};

}  // namespace

config::Schema rule_fields() {
    return {{.name = "name", .type = Type::text, .doc = "What verdicts and logs call it; the file and line unless given."},
            {.name = "allow",
             .type = Type::text_list,
             .doc = "Verbs that it allows: connect, publish, subscribe (and receive what comes), receive, request, history, presence, admin, bridge, all."},
            {.name = "deny", .type = Type::text_list, .doc = "Verbs that it denies, whatever another rule allows."},
            {.name = "topics",
             .type = Type::text_list,
             .doc = "Topic filters; a level may hold ${user}, ${tenant}, ${client_id} or ${claim.NAME}. Unless given: all, and where it allows not those that begin with $.",
             .verbatim = true},
            {.name = "principals", .type = Type::text_list, .doc = "Names, one of which the principal has; anybody unless given."},
            {.name = "groups", .type = Type::text_list, .doc = "Groups, one of which the principal is in."},
            {.name = "tenants", .type = Type::text_list, .doc = "Tenants, one of which the principal belongs to; '' is the default one."},
            {.name = "attributes", .type = Type::text_list, .doc = "Claims that the principal has, all of them: NAME=VALUE, or NAME for any value."}};
}

std::optional<Rule> read_rule(const Section& written, std::vector<std::string>& problems) { return Reader(written, problems).read(); }

}  // namespace junctor::acl
