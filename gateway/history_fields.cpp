#include "gateway/history_fields.hpp"

#include <algorithm>

#include "core/config/units.hpp"
#include "core/model/topic_cover.hpp"
#include "policy/tenants.hpp"

namespace junctor {

namespace {

using config::Field;
using config::Section;
using config::Type;

/// What is wrong with the filter of one entry; empty: nothing.
std::string trouble(const Result<TopicFilter>& filter, const std::vector<HistoryRule>& before) {
    if (!filter) return "is no topic filter";
    if (filter->shared()) return "is that of a group; a history keeps what is published, whoever takes it";
    if (filter->text().starts_with('$')) return "begins with $: those topics are the gateway's own and have no history";
    const auto first = std::find_if(before.begin(), before.end(), [&](const HistoryRule& each) { return covers(each.filter, *filter); });
    if (first != before.end()) return "never keeps anything: all of it goes to '" + first->filter.text() + "' above, the first that matches";
    return {};
}

}  // namespace

Field history_field() {
    return {.name = "history",
            .type = Type::section_list,
            .doc = "What is kept of the past, for whoever comes later or comes back. The first entry that matches a topic keeps its messages.",
            .fallback = "[]",
            .example = "[{filter: \"plant/#\", messages: 10000, bytes: 64MiB, age: 1d}]",
            .fields = {{.name = "filter",
                        .type = Type::text,
                        .doc = "Topics whose messages are kept, in one row with one count of offsets.",
                        .required = true},
                       {.name = "tenant", .type = Type::text, .doc = "Whose topics; the default tenant's unless given."},
                       {.name = "messages", .type = Type::integer, .doc = "Most messages kept.", .fallback = "100000", .min = 1, .max = 1'000'000'000},
                       {.name = "bytes",
                        .type = Type::size,
                        .doc = "Most bytes they hold, in memory and in the store.",
                        .fallback = "64MiB",
                        .min = 1'024,
                        .max = 1LL << 40},
                       {.name = "age", .type = Type::duration, .doc = "How long a message is kept.", .fallback = "7d", .min = 1'000'000}}};
}

HistoryRulesPtr read_history(const std::vector<Section>& entries, std::optional<std::size_t> most, SetupProblems& problems) {
    std::vector<HistoryRule> rules;
    std::size_t together = 0;
    for (const Section& entry : entries) {
        if (!entry.sound()) continue;
        const TenantId tenant = entry.has("tenant") ? Tenants::id_of(entry.text("tenant")) : TenantId{};
        const Result<TopicFilter> filter = TopicFilter::parse(tenant, entry.text("filter"));
        if (const std::string wrong = trouble(filter, rules); !wrong.empty()) {
            problems.add(entry.where("filter"), "'" + entry.text("filter") + "' " + wrong);
            continue;
        }
        const HistoryBounds bounds{static_cast<std::uint64_t>(entry.integer("messages")), static_cast<std::size_t>(entry.size("bytes")),
                                   entry.duration("age")};
        together += bounds.bytes;
        rules.push_back({*filter, bounds});
    }
    if (most && together > *most)
        problems.add(entries.front().where("bytes"), "the histories may hold " + config::size_text(static_cast<std::int64_t>(together)) +
                                                         " together, and limits.history is " + config::size_text(static_cast<std::int64_t>(*most)) +
                                                         ": lower one, or raise the other");
    return std::make_shared<const HistoryRules>(std::move(rules));
}

}  // namespace junctor
