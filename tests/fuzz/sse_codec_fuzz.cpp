// An event stream reads the same in any pieces, and what is written from it reads the same again.
#include <cstdlib>
#include <vector>

#include "connectors/rest/codec_sse.hpp"

namespace {

using junctor::rest::SseDecoder;
using junctor::rest::SseEvent;

std::vector<SseEvent> decoded(std::string_view wire, std::size_t piece) {
    SseDecoder decoder(1 << 16);
    std::vector<SseEvent> events;
    for (std::size_t at = 0; at < wire.size(); at += piece) {
        decoder.feed(wire.substr(at, piece));
        while (auto event = decoder.next()) events.push_back(std::move(*event));
    }
    return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view wire = junctor::as_text({data, size});
    const auto events = decoded(wire, 1);
    if (decoded(wire, 7) != events) std::abort();
    for (const SseEvent& event : events) {
        junctor::ByteBuffer written;
        junctor::rest::append_sse_event(written, {event.event, event.data, ""});
        const auto again = decoded(junctor::as_text(written), 3);
        if (again.size() != 1 || again[0].data != event.data) std::abort();
    }
    return 0;
}
