#include "gateway/client_target.hpp"

#include "core/config/nearest_name.hpp"
#include "core/ports/http.hpp"

namespace junctor {

namespace {

std::string decoded(std::string_view part) {
    const auto text = percent_decode(part);
    if (!text) throw ClientError("The URL has a '%' that begins no escape in '" + std::string(part) + "'; write %25 for a literal one.");
    return *text;
}

ClientFactory factory_of(const std::string& scheme, const std::vector<Descriptor>& descriptors) {
    std::vector<std::string> known;
    for (const Descriptor& descriptor : descriptors)
        for (const auto& [name, factory] : descriptor.clients) {
            if (name == scheme) return factory;
            known.push_back(name);
        }
    throw ClientError("Nothing here speaks '" + scheme + "://'" + config::suggestion(scheme, known));
}

void take_credentials(std::string& authority, ClientTarget& target) {
    const std::size_t at = authority.rfind('@');
    if (at == std::string::npos) return;
    const std::string credentials = authority.substr(0, at);
    authority.erase(0, at + 1);
    const std::size_t colon = credentials.find(':');
    target.user = decoded(credentials.substr(0, colon));
    if (colon != std::string::npos) target.password = decoded(credentials.substr(colon + 1));
}

}  // namespace

ClientTarget client_target(const std::string& url, const std::string& topic, const std::vector<Descriptor>& descriptors) {
    const std::size_t colon = url.find("://");
    if (colon == std::string::npos || colon == 0)
        throw ClientError("'" + url + "' is no URL; write it like mqtt://127.0.0.1:1883/some/topic");
    ClientTarget target;
    target.topic = topic;
    target.make = factory_of(url.substr(0, colon), descriptors);
    const std::size_t slash = url.find('/', colon + 3);
    std::string authority = url.substr(colon + 3, slash == std::string::npos ? std::string::npos : slash - colon - 3);
    std::string path = slash == std::string::npos ? std::string() : url.substr(slash);
    take_credentials(authority, target);
    if (authority.empty()) throw ClientError("'" + url + "' names no host; write it like mqtt://127.0.0.1:1883/some/topic");
    if (topic.empty() && path.size() > 1) {
        target.topic = decoded(std::string_view(path).substr(1));
        path.clear();
    }
    target.url = url.substr(0, colon + 3) + authority + path;
    if (target.topic.empty())
        throw ClientError("No topic: put it behind the address, like " + target.url + (target.url.ends_with('/') ? "" : "/") +
                          "some/topic");
    return target;
}

}  // namespace junctor
