// Answers of HTTP servers: in pieces as in one, within the limits, and never more body than they allow.
#include <cstdlib>

#include "core/web/response_reader.hpp"

namespace {

using namespace junctor;
using web::ResponseReader;

void require(bool holds) {
    if (!holds) std::abort();
}

constexpr ResponseReader::Limits limits{4'096, 1'000, false};

struct Read {
    bool complete;
    bool failed;
    ByteBuffer body;
};

Read read(Bytes bytes, std::size_t piece) {
    ResponseReader reader(limits);
    ByteBuffer unread;
    Read result{};
    for (std::size_t at = 0; at < bytes.size() && !reader.complete() && !reader.failed(); at += piece) {
        append(unread, bytes.subspan(at, std::min(piece, bytes.size() - at)));
        const std::size_t consumed = reader.read(unread);
        require(consumed <= unread.size());
        unread.erase(unread.begin(), unread.begin() + static_cast<std::ptrdiff_t>(consumed));
        append(result.body, Bytes(reader.take_body()));
    }
    if (!reader.complete() && !reader.failed()) reader.end_of_stream();
    append(result.body, Bytes(reader.take_body()));
    result.complete = reader.complete();
    result.failed = reader.failed();
    if (result.complete) static_cast<void>(reader.head());
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const Bytes bytes(data + 1, size - 1);
    const Read whole = read(bytes, bytes.size() + 1);
    const Read pieces = read(bytes, 1U + data[0] % 64U);
    require(whole.body.size() <= limits.body);
    require(whole.complete == pieces.complete || whole.failed || pieces.failed);
    if (whole.complete && pieces.complete && !whole.failed && !pieces.failed) require(whole.body == pieces.body);
    return 0;
}
