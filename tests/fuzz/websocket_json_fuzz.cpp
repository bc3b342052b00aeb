// The JSON protocol's codec, and the JSON reader under it against nlohmann's parser.
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "connectors/websocket/codec.hpp"
#include "core/base/utf8.hpp"

namespace {

using namespace junctor;
using namespace junctor::websocket;

void require(bool holds) {
    if (!holds) std::abort();
}

/// Both must agree, apart from a byte order mark and what follows a NUL, which nlohmann overlooks, and numbers beyond a double, which it refuses.
void compare_with_reference(std::string_view text) {
    const JsonDocument document = read_json(text, {});
    if (document.error == JsonErrc::too_deep || document.error == JsonErrc::too_large || text.starts_with("\xef\xbb\xbf") ||
        text.find('\0') != std::string_view::npos)
        return;
    const bool taken = document.error == JsonErrc::ok;
    const nlohmann::json reference = nlohmann::json::parse(text, nullptr, false);
    if (!reference.is_discarded()) require(taken);
    if (reference.is_discarded() && taken) require(text.size() > 300 || text.find_first_of("eE") != std::string_view::npos);
    if (!taken || reference.is_discarded() || !reference.is_string()) return;
    ByteBuffer decoded;
    append_decoded(decoded, document.root);
    require(as_text(decoded) == reference.get_ref<const std::string&>());
}

/// Empty text is not shown, though a field that must be there may hold it.
bool lacks_required_text(const Operation& operation) {
    switch (operation.op) {
        case Op::hello:
        case Op::session: return operation.name.empty();
        case Op::subscribe:
        case Op::unsubscribe: return operation.filter.empty();
        case Op::error: return operation.code.empty();
        case Op::reply: return operation.message.reply_to.empty();
        case Op::publish:
        case Op::send:
        case Op::request:
        case Op::message: return operation.message.topic.empty();
        default: return false;
    }
}

/// Whatever is understood is shown again in a form that is understood alike.
void round_trip(std::string_view text, Sender sender) {
    OperationDecoder decoder(sender, {});
    Operation operation;
    if (const auto fault = decoder.decode(text, operation)) return require(!fault->reason.empty());
    if (lacks_required_text(operation)) return;
    ByteBuffer encoded;
    append_operation(encoded, operation);
    require(valid_utf8(as_text(encoded)));
    OperationDecoder again(sender, {});
    Operation same;
    // Durations below a millisecond round up, `data` that was no string becomes one; a second pass changes nothing more.
    require(!again.decode(as_text(encoded), same));
    ByteBuffer twice;
    append_operation(twice, same);
    require(encoded == twice);
    require(as_text(operation.message.data) == as_text(same.message.data));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text(Bytes(data, size));
    compare_with_reference(text);
    round_trip(text, Sender::client);
    round_trip(text, Sender::gateway);
    return 0;
}
