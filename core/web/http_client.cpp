#include "core/web/http_client.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "core/ports/client.hpp"
#include "core/web/http_codec.hpp"

namespace junctor::web {
namespace {

using Clock = std::chrono::steady_clock;

ByteBuffer wire_form(const HttpRequest& request, const std::string& authority, const std::vector<Header>& more) {
    std::optional<ByteBuffer> wire = write_request(request, authority, more);
    if (!wire) throw ClientError("a method, path or header for " + authority + " holds characters that cannot be sent");
    return std::move(*wire);
}

}  // namespace

HttpClient::HttpClient(Url url, BlockingStream::Options how, std::vector<Header> headers, Dial dial)
    : url_(std::move(url)), how_(std::move(how)), headers_(std::move(headers)), dial_(std::move(dial)) {}

HttpResponse HttpClient::exchange(const HttpRequest& request, Duration timeout) {
    const auto until = Clock::now() + timeout;
    HttpResponse response = begin(request, timeout);
    while (const auto part = read(until - Clock::now())) {
        append(response.body, Bytes(*part));
        if (part->empty() && Clock::now() >= until) throw ClientError(url_.authority() + " did not finish its answer in time");
    }
    if (!reader_.keep_alive()) stream_.reset();
    return response;
}

HttpResponse HttpClient::begin(const HttpRequest& request, Duration timeout) {
    const auto until = Clock::now() + timeout;
    reader_ = ResponseReader();
    unread_.clear();
    send(request);
    while (!reader_.head_complete() || reader_.head().status == 100) {
        if (reader_.head_complete()) reader_ = ResponseReader();
        if (!receive(until - Clock::now())) throw ClientError(url_.authority() + " did not answer in time");
    }
    return reader_.head();
}

/// A kept connection may have been closed by the server meanwhile: then the request goes out again on a new one.
void HttpClient::send(const HttpRequest& request) {
    const ByteBuffer wire = wire_form(request, url_.authority(), headers_);
    if (stream_) {
        try {
            std::array<std::uint8_t, 1> probe{};
            if (stream_->receive(probe, Duration::zero()) > 0) throw ClientError("an answer nobody asked for");
            return stream_->send(wire);
        } catch (const ClientError&) {
            stream_.reset();
        }
    }
    stream_ = dial_(how_);
    stream_->send(wire);
}

std::optional<ByteBuffer> HttpClient::read(Duration wait) {
    ByteBuffer part = reader_.take_body();
    if (part.empty() && reader_.complete()) return std::nullopt;
    if (part.empty() && receive(wait)) part = reader_.take_body();
    if (part.empty() && reader_.complete()) return std::nullopt;
    return part;
}

bool HttpClient::receive(Duration wait) {
    if (consume()) return true;
    const std::size_t before = unread_.size();
    unread_.resize(before + (64 << 10));
    std::size_t got = 0;
    try {
        got = stream_->receive(std::span(unread_).subspan(before), std::max(wait, Duration::zero()));
    } catch (const ClientError&) {
        stream_.reset();
        reader_.end_of_stream();
        if (reader_.failed()) throw;
    }
    unread_.resize(before + got);
    if (got > 0) consume();
    return got > 0;
}

bool HttpClient::consume() {
    const std::size_t consumed = reader_.read(unread_);
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(consumed));
    if (reader_.failed()) throw ClientError(url_.authority() + " does not speak HTTP");
    return consumed > 0;
}

}  // namespace junctor::web
