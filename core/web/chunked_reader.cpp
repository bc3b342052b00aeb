#include "core/web/chunked_reader.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/web/field_line.hpp"

namespace junctor::web {
namespace {

constexpr unsigned max_size_digits = 8;

int hex_digit(std::uint8_t byte) noexcept {
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

/// Fields that must not come after the body they would frame or route (RFC 9110 section 6.5.1).
bool forbidden_in_trailer(std::string_view name) noexcept {
    return equal_ignoring_case(name, "Content-Length") || equal_ignoring_case(name, "Transfer-Encoding") || equal_ignoring_case(name, "Host");
}

}  // namespace

ChunkedReader::Result ChunkedReader::read(Bytes bytes, ByteBuffer& body, std::size_t limit) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (state_ != State::data) {
            const Step step = take(bytes[at++]);
            if (step != Step::more) return {step, at};
            if (left_ > limit - body.size()) return {refuse(413, "the body is larger than the limit"), at};
            continue;
        }
        const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - at));
        append(body, bytes.subspan(at, part));
        at += part;
        left_ -= part;
        if (left_ == 0) state_ = State::data_cr;
    }
    return {Step::more, at};
}

ChunkedReader::Step ChunkedReader::take(std::uint8_t byte) noexcept {
    switch (state_) {
        case State::size: return size_byte(byte);
        case State::extension: return extension_byte(byte);
        case State::size_lf: return byte == '\n' ? size_line_ended() : refuse(400, "a bare CR in a chunk header");
        case State::data_cr: return expect(byte, '\r', State::data_lf);
        case State::data_lf: return expect(byte, '\n', State::size);
        case State::trailer: return trailer_byte(byte);
        case State::trailer_lf: return trailer_ended(byte);
        case State::data: break;
    }
    return refuse(400, "a broken chunk");
}

ChunkedReader::Step ChunkedReader::size_byte(std::uint8_t byte) noexcept {
    const int digit = hex_digit(byte);
    if (digit >= 0) {
        if (++digits_ > max_size_digits) return refuse(413, "the chunk size is beyond all limits");
        left_ = left_ << 4 | static_cast<std::uint64_t>(digit);
        return Step::more;
    }
    if (digits_ == 0 || (byte != '\r' && byte != ';')) return refuse(400, "not a chunk size");
    state_ = byte == '\r' ? State::size_lf : State::extension;
    return Step::more;
}

ChunkedReader::Step ChunkedReader::size_line_ended() noexcept {
    digits_ = 0;
    state_ = left_ == 0 ? State::trailer : State::data;
    return Step::more;
}

ChunkedReader::Step ChunkedReader::extension_byte(std::uint8_t byte) noexcept {
    if (!spend()) return refuse(400, "chunk extensions and trailers are larger than 1 KB");
    if (byte == '\r') {
        state_ = State::size_lf;
        return Step::more;
    }
    return byte == '\t' || (byte >= 0x20 && byte < 0x7f) ? Step::more : refuse(400, "a control byte in a chunk extension");
}

ChunkedReader::Step ChunkedReader::expect(std::uint8_t byte, std::uint8_t wanted, State next) noexcept {
    if (byte != wanted) return refuse(400, "a chunk does not end with CR LF");
    state_ = next;
    return Step::more;
}

ChunkedReader::Step ChunkedReader::trailer_byte(std::uint8_t byte) noexcept {
    if (byte == '\r') {
        state_ = State::trailer_lf;
        return Step::more;
    }
    if (!spend()) return refuse(400, "chunk extensions and trailers are larger than 1 KB");
    line_[line_size_++] = static_cast<char>(byte);
    return Step::more;
}

ChunkedReader::Step ChunkedReader::trailer_ended(std::uint8_t byte) noexcept {
    if (byte != '\n') return refuse(400, "a bare CR in a trailer");
    if (line_size_ == 0) return Step::complete;
    const auto field = FieldLine::parse({line_.data(), line_size_});
    if (!field || forbidden_in_trailer(field->name)) return refuse(400, "not a trailer field");
    line_size_ = 0;
    state_ = State::trailer;
    return Step::more;
}

ChunkedReader::Step ChunkedReader::refuse(unsigned status, std::string_view detail) noexcept {
    refusal_ = {status, detail};
    return Step::refused;
}

}  // namespace junctor::web
