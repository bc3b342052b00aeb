#include "policy/tokens/remote_fields.hpp"

#include "core/ports/client.hpp"
#include "core/ports/host.hpp"
#include "policy/tokens/token_fields.hpp"

namespace junctor {
namespace {

using config::Section;
using config::Type;

constexpr std::size_t most_answer_bytes = 256 << 10;

Url url_of(const Section& entry, std::string_view field, const std::string& text) {
    try {
        const Url url = Url::parse(text);
        if (url.scheme == "http" || url.scheme == "https") return url;
    } catch (const ClientError&) {
        // Said below: what the text is may be a secret.
    }
    refuse_field(entry, field, "is no URL like https://host/path");
}

bool on_this_machine(const Url& url) {
    const Result<Address> address = Address::parse((url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]") + ":" + url.port);
    return url.host == "localhost" || (address && address->loopback());
}

}  // namespace

config::Schema remote_fields(const std::string& url_field, const std::string& url_doc, bool required) {
    return {{.name = url_field, .type = Type::text, .doc = url_doc, .required = required},
            {.name = "ca", .type = Type::path, .doc = "Who may have signed its certificate, PEM; whom the system trusts unless given."},
            {.name = "plaintext",
             .type = Type::choice,
             .doc = "Whether it may be asked without TLS beyond this machine, where others may listen.",
             .fallback = "refused",
             .choices = {"refused", "allowed"}},
            {.name = "timeout", .type = Type::duration, .doc = "How long it has to answer.", .fallback = "5s"}};
}

OutboundRequest remote_request(const Section& entry, std::string_view url_field, const std::string& url, const PolicyParts& parts) {
    OutboundRequest request;
    request.url = url_of(entry, url_field, url);
    if (!request.url.secure() && !on_this_machine(request.url) && entry.text("plaintext") != "allowed")
        refuse_field(entry, url_field, "is asked without TLS; write https, or 'plaintext: allowed' where nobody can listen");
    request.configured = true;
    request.timeout = entry.duration("timeout");
    if (request.timeout <= Duration::zero()) refuse_field(entry, "timeout", "is longer than nothing");
    request.max_body = most_answer_bytes;
    request.headers.push_back({"Accept", "application/json"});
    if (entry.has("ca")) request.trust = parts.outbound->trust({.ca_file = entry.text("ca"), .cert = {}, .key = {}});
    return request;
}

}  // namespace junctor
