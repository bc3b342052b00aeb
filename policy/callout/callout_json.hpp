#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

#include "core/ports/authorizer.hpp"
#include "core/ports/http.hpp"

namespace junctor {

/// Writes one JSON object, member by member. Texts are UTF-8.
class JsonObject {
public:
    explicit JsonObject(ByteBuffer& to) : to_(to) { append(to_, std::string_view("{")); }
    JsonObject(const JsonObject&) = delete;
    JsonObject& operator=(const JsonObject&) = delete;

    void text(std::string_view name, std::string_view value);
    /// Whatever `write` appends is the member's value.
    template <class Write>
    void member(std::string_view name, Write&& write) {
        begin(name);
        write(to_);
    }
    void end() { append(to_, std::string_view("}")); }

private:
    void begin(std::string_view name);

    ByteBuffer& to_;
    bool first_ = true;
};

/// `tenant`, `groups` and `attributes` of a principal, as members of an object.
void append_claims(JsonObject& to, const Principal& principal);

/// The body of an answer as a document; nothing where it is none within sane limits.
std::optional<nlohmann::json> json_of(const HttpResponse& response);

/// What services say beside their decision: `reason` for people, cut to a line that may reach a client; `ttl` in seconds, not negative.
std::string reason_in(const nlohmann::json& object);
std::string one_line(std::string_view text);
std::optional<Duration> ttl_in(const nlohmann::json& object);

}  // namespace junctor
