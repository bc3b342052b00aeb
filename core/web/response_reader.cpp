#include "core/web/response_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace junctor::web {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

/// `0`, two line ends. Once it has seen the beginning of one, Beast's parser asserts that it is given all of that.
constexpr std::size_t shortest_last_chunk = 5;

}  // namespace

struct ResponseReader::Parser : http::response_parser<http::string_body> {};

ResponseReader::ResponseReader(const Limits& limits) : parser_(std::make_unique<Parser>()) {
    parser_->eager(true);
    parser_->body_limit(limits.body);
    parser_->header_limit(limits.head);
    parser_->skip(limits.bodiless);
}

ResponseReader::~ResponseReader() = default;
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;
ResponseReader& ResponseReader::operator=(ResponseReader&&) noexcept = default;

std::size_t ResponseReader::read(Bytes bytes) {
    std::size_t consumed = 0;
    while (!failed_ && !complete() && consumed < bytes.size()) {
        if (starved_ && bytes.size() - consumed < shortest_last_chunk) break;
        boost::system::error_code error;
        const std::size_t taken = parser_->put(asio::buffer(bytes.data() + consumed, bytes.size() - consumed), error);
        consumed += taken;
        starved_ = error == http::error::need_more && parser_->is_header_done() && parser_->chunked();
        if (error == http::error::need_more && taken > 0) continue;
        failed_ = error && error != http::error::need_more;
        too_large_ = error == http::error::body_limit || error == http::error::header_limit;
        if (error || taken == 0) break;
    }
    return consumed;
}

void ResponseReader::end_of_stream() {
    boost::system::error_code error;
    if (parser_->is_header_done()) parser_->put_eof(error);
    failed_ = failed_ || error || !complete();
}

bool ResponseReader::head_complete() const noexcept { return parser_->is_header_done(); }

bool ResponseReader::complete() const noexcept { return parser_->is_done(); }

bool ResponseReader::keep_alive() const noexcept { return parser_->get().keep_alive(); }

HttpResponse ResponseReader::head() const {
    HttpResponse response;
    response.status = parser_->get().result_int();
    for (const auto& field : parser_->get())
        response.headers.push_back({std::string(field.name_string().data(), field.name_string().size()),
                                    std::string(field.value().data(), field.value().size())});
    return response;
}

ByteBuffer ResponseReader::take_body() {
    std::string& body = parser_->get().body();
    ByteBuffer taken(body.begin(), body.end());
    body.clear();
    return taken;
}

}  // namespace junctor::web
