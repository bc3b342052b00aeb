// Input: frames of the TCP bridge, one behind the other. Each is read as a client's and as a server's; what could be read must survive
// being written and read again, also as a message of the shared address.
#include <cstdlib>

#include "connectors/vertx/backend_mapping.hpp"
#include "connectors/vertx/codec.hpp"
#include "core/bridging/envelope_json.hpp"

using namespace junctor;

namespace {

constexpr std::size_t most_bytes = 1 << 16;

std::string written(const vertx::Frame& frame) {
    ByteBuffer bytes;
    vertx::append_frame(bytes, frame);
    return std::string(as_text(bytes));
}

void check(std::string_view text, vertx::Sender sender) {
    vertx::FrameDecoder decoder(sender, {.nesting = 16, .headers = 16, .bytes = most_bytes});
    vertx::Frame frame;
    if (decoder.decode(text, frame)) return;
    const std::string once = written(frame);
    vertx::FrameDecoder again(sender, {.nesting = 16, .headers = 16, .bytes = once.size()});
    vertx::Frame back;
    if (again.decode(once, back) || written(back) != once) std::abort();
    ArrivedMessage shared, own;
    static_cast<void>(read_envelope_json(frame.body, shared));
    if (own.set_topic({}, "t")) static_cast<void>(vertx::from_bus(frame, "me", own));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes rest{data, size};
    for (vertx::Split next; (next = vertx::split_frame(rest, most_bytes)).status == vertx::Split::Status::complete; rest = rest.subspan(next.consumed)) {
        check(next.text, vertx::Sender::client);
        check(next.text, vertx::Sender::server);
    }
    return 0;
}
