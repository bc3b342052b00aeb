#include "policy/callout/callout_settings.hpp"

#include <algorithm>

#include "core/base/setup_error.hpp"
#include "core/ports/client.hpp"

namespace junctor {
namespace {

using config::Field;
using config::Type;

std::bitset<verb_count> read_verbs(const std::vector<std::string>& names) {
    std::bitset<verb_count> verbs;
    for (const std::string& name : names) {
        std::size_t verb = 0;
        while (verb < verb_count && to_string(static_cast<Verb>(verb)) != name) ++verb;
        if (verb == verb_count)
            throw SetupError("'verbs': '" + name + "' is none; there are connect, publish, subscribe, receive, request, history, presence, admin, bridge");
        verbs.set(verb);
    }
    return verbs;
}

Verdict::Outcome read_outcome(const std::string& name) {
    return name == "deny" ? Verdict::Outcome::deny : name == "abstain" ? Verdict::Outcome::abstain : Verdict::Outcome::allow;
}

}  // namespace

config::Schema callout_fields(std::vector<config::Field> more) {
    config::Schema fields{
        {.name = "url", .type = Type::text, .doc = "Where the service is, as `https://policy.example:8181`.", .required = true},
        {.name = "timeout", .type = Type::duration, .doc = "Longest wait for an answer.", .fallback = "1s", .min = 1'000'000, .max = 30'000'000'000},
        {.name = "on_failure",
         .type = Type::choice,
         .doc = "What counts where there is no answer; `allow` and `abstain` leave the door open, and are counted.",
         .fallback = "deny",
         .choices = {"deny", "abstain", "allow"}},
        {.name = "allow_ttl",
         .type = Type::duration,
         .doc = "How long an allow is remembered that does not say so itself; 0s: it counts for those who wait for it.",
         .fallback = "60s"},
        {.name = "deny_ttl", .type = Type::duration, .doc = "The same for a deny.", .fallback = "5s"},
        {.name = "max_ttl", .type = Type::duration, .doc = "Longest time for which a verdict is remembered, whatever it says.", .fallback = "10m"},
        {.name = "verbs",
         .type = Type::text_list,
         .doc = "What it is asked about; it abstains from the rest. `receive` and `presence`: each topic of what is delivered, too, which waits for "
                "the answer; without them that follows what was said to `subscribe`.",
         .fallback = "[connect, publish, subscribe, request, history, admin, bridge]"},
        {.name = "authorization", .type = Type::secret, .doc = "The header `Authorization` of each request, as `Bearer ...`."},
        {.name = "ca_file", .type = Type::path, .doc = "PEM file of who may have signed the server's certificate; absent: whom the system trusts."},
        {.name = "cert", .type = Type::path, .doc = "PEM file of a certificate to show to the server; needs `key`."},
        {.name = "key", .type = Type::path, .doc = "PEM file of the key of `cert`."},
    };
    fields.insert(fields.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
    return fields;
}

Url CalloutSettings::read_url(std::string_view field, const std::string& text) {
    const std::string quoted = "'" + std::string(field) + "'";
    try {
        Url url = Url::parse(text);
        if (!url.scheme.starts_with("http")) throw SetupError(quoted + " begins with http:// or https://");
        return url;
    } catch (const ClientError& error) {
        throw SetupError(quoted + ": " + error.what());
    }
}

CalloutSettings CalloutSettings::read(const config::Section& section, const PolicyParts& parts) {
    CalloutSettings settings;
    settings.url = read_url("url", section.text("url"));
    const auto file = [&](const char* name) { return section.has(name) ? section.text(name) : std::string(); };
    if (settings.url.secure() && parts.outbound) settings.trust = parts.outbound->trust({file("ca_file"), file("cert"), file("key")});
    if (section.has("authorization")) settings.headers.push_back({"Authorization", section.text("authorization")});
    settings.verbs = read_verbs(section.texts("verbs"));
    settings.on_failure = read_outcome(section.text("on_failure"));
    settings.timeout = section.duration("timeout");
    settings.max_ttl = section.duration("max_ttl");
    settings.allow_ttl = std::min(section.duration("allow_ttl"), settings.max_ttl);
    settings.deny_ttl = std::min(section.duration("deny_ttl"), settings.max_ttl);
    return settings;
}

Url CalloutSettings::below(std::string_view path) const {
    Url place = url;
    if (path.empty()) return place;
    while (place.path.ends_with('/')) place.path.pop_back();
    place.path += path;
    return place;
}

OutboundRequest CalloutSettings::request(const std::string& method, const std::string& path, std::string_view content_type, ByteBuffer body) const {
    return request_to(below(path), method, content_type, std::move(body));
}

OutboundRequest CalloutSettings::request_to(const Url& where, const std::string& method, std::string_view content_type, ByteBuffer body) const {
    OutboundRequest request;
    request.method = method;
    request.url = where;
    request.configured = true;
    request.headers = headers;
    request.headers.push_back({"Accept", "application/json"});
    if (!content_type.empty()) request.headers.push_back({"Content-Type", std::string(content_type)});
    request.body = std::move(body);
    request.timeout = timeout;
    request.max_body = max_answer;
    request.repeatable = true;
    request.trust = trust;
    return request;
}

}  // namespace junctor
