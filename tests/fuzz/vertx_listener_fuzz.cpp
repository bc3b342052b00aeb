// Input: how frames travel (a character: t, r or s), whether the client shows a token (+) or nothing (-), then a message a line. The gate says yes
// to all. Whatever comes, the connection must stay within its limits and answer in the framing that it was asked in.
#include <cstdlib>
#include <memory>

#include "connectors/vertx/connection.hpp"
#include "tests/support/fake_stream.hpp"
#include "tests/support/lone_core.hpp"

using namespace junctor;
using vertx::WireForm;

namespace {

std::string framed(std::string_view text) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(text.size() >> shift);
    return bytes.append(text);
}

WireForm form_of(std::uint8_t character) { return character == 't' ? WireForm::tcp : character == 's' ? WireForm::sockjs : WireForm::raw; }

void converse(WireForm form, bool shows_token, std::string_view lines) {
    test::LoneCore lone;
    test::FakeStream stream(lone.core);
    stream.message_mode = form != WireForm::tcp;
    auto made = std::make_unique<vertx::Connection>(stream, Ref<const vertx::Settings>(new vertx::Settings), form);
    vertx::Connection& connection = *made;
    stream.attach(std::move(made));
    Credentials credentials;
    if (shows_token) credentials.bearer = "token";
    connection.admit(std::move(credentials), true);
    connection.timed_out();
    while (!lines.empty() && !stream.closed_as) {
        const std::string_view line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(lines.size(), line.size() + 1));
        stream.receive(form == WireForm::tcp ? framed(line) : std::string(line));
    }
    stream.finish(CloseReason::connection_lost);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 2) converse(form_of(data[0]), data[1] == '+', {reinterpret_cast<const char*>(data) + 2, size - 2});
    return 0;
}
