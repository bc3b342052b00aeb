// Whatever the guard lets through is framed in one way only, and however the bytes arrive.
#include <cstdlib>

#include "core/web/chunked_reader.hpp"
#include "core/web/framing_guard.hpp"
#include "core/web/http_codec.hpp"

namespace {

using junctor::Bytes;
using junctor::web::ChunkedReader;
using junctor::web::Framing;
using junctor::web::FramingGuard;

void require(bool holds) {
    if (!holds) std::abort();
}

FramingGuard::Step scan_in_pieces(FramingGuard& guard, Bytes bytes) {
    auto step = FramingGuard::Step::more;
    for (std::size_t size = 1; size <= bytes.size() && step == FramingGuard::Step::more; size += 1 + size % 7) step = guard.scan(bytes.first(size));
    return step == FramingGuard::Step::more ? guard.scan(bytes) : step;
}

void read_chunks(Bytes bytes) {
    constexpr std::size_t limit = 1'000;
    ChunkedReader whole;
    junctor::ByteBuffer body;
    const auto at_once = whole.read(bytes, body, limit);
    require(body.size() <= limit && at_once.consumed <= bytes.size());
    ChunkedReader split;
    junctor::ByteBuffer same;
    std::size_t at = 0;
    auto step = ChunkedReader::Step::more;
    while (at < bytes.size() && step == ChunkedReader::Step::more) {
        const auto result = split.read(bytes.subspan(at, 1), same, limit);
        at += result.consumed;
        step = result.step;
    }
    require(step == at_once.step && body == same);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes(data, size);
    FramingGuard guard;
    const auto step = guard.scan(bytes);
    FramingGuard again;
    require(scan_in_pieces(again, bytes) == step);
    if (step != FramingGuard::Step::complete) return 0;
    require(guard.head_size() == again.head_size() && guard.head_size() <= FramingGuard::max_head);
    junctor::HttpRequest request;
    if (!junctor::web::read_request_head(junctor::as_text(bytes.first(guard.head_size())), request)) return 0;
    // The parser behind the guard sees the same framing.
    require(request.header("Transfer-Encoding").empty() == (guard.framing().body != Framing::Body::chunked));
    require(request.header("Content-Length").empty() == (guard.framing().body != Framing::Body::length));
    if (guard.framing().body == Framing::Body::chunked) read_chunks(bytes.subspan(guard.head_size()));
    return 0;
}
