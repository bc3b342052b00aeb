#include "core/web/http_codec.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <algorithm>
#include <ctime>

#include "core/base/ascii.hpp"
#include "core/web/field_line.hpp"
#include "core/web/framing_guard.hpp"

namespace junctor::web {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

std::string_view view(boost::beast::string_view text) noexcept { return {text.data(), text.size()}; }

bool takes_body(std::string_view method) noexcept { return method == "POST" || method == "PUT" || method == "PATCH"; }

bool on_one_line(std::string_view target) noexcept {
    return target.starts_with('/') && std::ranges::none_of(target, [](char c) { return c <= ' ' || c >= 0x7f; });
}

bool append_headers(ByteBuffer& wire, const std::vector<Header>& headers) {
    for (const Header& header : headers) {
        if (!is_token(header.name) || !is_field_value(header.value)) return false;
        append(wire, header.name + ": " + header.value + "\r\n");
    }
    return true;
}

bool framing_header(std::string_view name) noexcept {
    return equal_ignoring_case(name, "Content-Length") || equal_ignoring_case(name, "Transfer-Encoding") ||
           equal_ignoring_case(name, "Connection") || equal_ignoring_case(name, "Date");
}

void set_framing(http::response<http::empty_body>& message, const ResponseFraming& framing) {
    using Body = ResponseFraming::Body;
    if (framing.body == Body::length) message.content_length(framing.length);
    if (framing.body == Body::chunked) message.set(http::field::transfer_encoding, "chunked");
    if (!framing.keep_alive) message.insert(http::field::connection, "close");
    if (framing.keep_alive && !framing.http11) message.insert(http::field::connection, "keep-alive");
    if (message.find(http::field::upgrade) != message.end()) message.insert(http::field::connection, "Upgrade");
}

std::string serialise(const http::response<http::empty_body>& message) {
    http::response_serializer<http::empty_body> serializer(message);
    serializer.split(true);
    std::string text;
    boost::system::error_code error;
    while (!serializer.is_header_done()) {
        serializer.next(error, [&](boost::system::error_code&, const auto& buffers) {
            const std::size_t before = text.size();
            text.resize(before + asio::buffer_size(buffers));
            asio::buffer_copy(asio::buffer(text.data() + before, text.size() - before), buffers);
            serializer.consume(text.size() - before);
        });
        if (error) break;
    }
    return text;
}

}  // namespace

bool read_request_head(std::string_view head, HttpRequest& into) {
    http::request_parser<http::empty_body> parser;
    parser.header_limit(FramingGuard::max_head + 1);
    parser.skip(true);
    boost::system::error_code error;
    parser.put(asio::buffer(head.data(), head.size()), error);
    if (error || !parser.is_header_done()) return false;
    const auto& message = parser.get();
    into.method = view(message.method_string());
    const std::string_view target = view(message.target());
    const std::size_t question = std::min(target.find('?'), target.size());
    into.path = target.substr(0, question);
    into.query = target.substr(std::min(target.size(), question + 1));
    for (const auto& field : message)
        into.headers.push_back({std::string(view(field.name_string())), std::string(view(field.value()))});
    return true;
}

std::string write_response_head(const HttpResponse& response, const ResponseFraming& framing, std::string_view date) {
    http::response<http::empty_body> message;
    message.version(11);
    message.result(response.status);
    message.set(http::field::date, date);
    for (const Header& header : response.headers) {
        if (framing_header(header.name) || !is_token(header.name) || !is_field_value(header.value)) continue;
        message.insert(header.name, header.value);
    }
    set_framing(message, framing);
    return serialise(message);
}

bool is_framing_header(std::string_view name) noexcept {
    return equal_ignoring_case(name, "Content-Length") || equal_ignoring_case(name, "Transfer-Encoding") ||
           equal_ignoring_case(name, "Connection") || equal_ignoring_case(name, "Host");
}

std::optional<ByteBuffer> write_request(const HttpRequest& request, std::string_view authority, const std::vector<Header>& more) {
    const std::string target = request.path + (request.query.empty() ? "" : "?" + request.query);
    if (!is_token(request.method) || !on_one_line(target)) return std::nullopt;
    ByteBuffer wire;
    append(wire, request.method + " " + target + " HTTP/1.1\r\nHost: ");
    append(wire, authority);
    append(wire, std::string_view("\r\n"));
    if (!append_headers(wire, more) || !append_headers(wire, request.headers)) return std::nullopt;
    if (!request.body.empty() || takes_body(request.method)) append(wire, "Content-Length: " + std::to_string(request.body.size()) + "\r\n");
    append(wire, std::string_view("\r\n"));
    append(wire, Bytes(request.body));
    return wire;
}

std::string http_date(WallTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

}  // namespace junctor::web
