#include "connectors/rest/codec_sse.hpp"

#include <algorithm>
#include <utility>

namespace junctor::rest {
namespace {

constexpr std::string_view line_breaks = "\r\n";

void append_field(ByteBuffer& to, std::string_view name, std::string_view value) {
    append(to, name);
    append(to, std::string_view(": "));
    append(to, value);
    append(to, std::string_view("\n"));
}

void append_one_line(ByteBuffer& to, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    std::string line(value);
    std::erase_if(line, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    append_field(to, name, line);
}

/// Takes the line in front of the next line break, and the break.
std::string_view cut_line(std::string_view& rest) noexcept {
    const std::string_view line = rest.substr(0, rest.find_first_of(line_breaks));
    rest.remove_prefix(line.size());
    rest.remove_prefix(std::min<std::size_t>(rest.size(), rest.starts_with("\r\n") ? 2 : 1));
    return line;
}

}  // namespace

void append_sse_event(ByteBuffer& to, const SseEvent& event) {
    append_one_line(to, "event", event.event);
    append_one_line(to, "id", event.id);
    std::string_view rest = event.data;
    while (true) {
        const bool last = rest.find_first_of(line_breaks) == std::string_view::npos;
        append_field(to, "data", cut_line(rest));
        if (last) break;
    }
    append(to, std::string_view("\n"));
}

void SseDecoder::feed(std::string_view text) {
    if (too_large_) return;
    buffer_.erase(0, at_);
    at_ = 0;
    buffer_ += text;
    if (!begun_) skip_byte_order_mark();
}

/// Only at the very beginning; it may come in pieces.
void SseDecoder::skip_byte_order_mark() noexcept {
    constexpr std::string_view mark = "\xef\xbb\xbf";
    const bool possible = mark.starts_with(std::string_view(buffer_).substr(0, mark.size()));
    begun_ = !possible || buffer_.size() >= mark.size();
    if (possible && begun_) buffer_.erase(0, mark.size());
}

std::optional<SseEvent> SseDecoder::next() {
    while (const auto line = next_line()) {
        if (!line->empty()) {
            take_field(*line);
        } else if (auto event = take_event()) {
            return event;
        }
        if (too_large_) return std::nullopt;
    }
    return std::nullopt;
}

/// A CR at the very end may be half of a CR LF: it waits for the next byte.
std::optional<std::string_view> SseDecoder::next_line() noexcept {
    std::string_view rest = std::string_view(buffer_).substr(at_);
    const std::size_t end = rest.find_first_of(line_breaks);
    if (end == std::string_view::npos || (rest[end] == '\r' && end + 1 == rest.size())) {
        too_large_ = too_large_ || rest.size() > limit_;
        return std::nullopt;
    }
    const std::string_view line = cut_line(rest);
    at_ = buffer_.size() - rest.size();
    return line;
}

void SseDecoder::take_field(std::string_view line) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view name = line.substr(0, colon);
    std::string_view value = line.substr(std::min(line.size(), colon + 1));
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "event") event_.event = value;
    if (name == "id" && value.find('\0') == std::string_view::npos) event_.id = value;
    if (name != "data") return;
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
    too_large_ = event_.data.size() > limit_;
}

std::optional<SseEvent> SseDecoder::take_event() {
    SseEvent complete = std::move(event_);
    event_ = {};
    event_.id = complete.id;  // an id holds until the next one
    if (!std::exchange(has_data_, false)) return std::nullopt;
    return complete;
}

}  // namespace junctor::rest
