#include "connectors/rest/message_headers.hpp"

#include <gtest/gtest.h>

namespace junctor::rest {
namespace {

HttpRequest with(std::vector<Header> headers) {
    HttpRequest request;
    request.headers = std::move(headers);
    return request;
}

// DESIGN 3: headers cross losslessly; here with everything that HTTP could damage.
TEST(MessageHeaders, SurviveTheRoundTrip) {
    Extras extras;
    extras.headers = {{"Name", "value"}, {"name", "other case"}, {"Name", "duplicate"},  {"a=b%", "=%, \r\nInjected: x"},
                      {" ", " "},        {"ce-id", "1 \"x\""},   {"\xc3\xa4", "\xff\x00"}, {"ce-Mixed", "v"}};
    std::vector<Header> wire;
    write_extras(extras, wire);
    for (const Header& header : wire) {
        EXPECT_EQ(header.value.find_first_of("\r\n"), std::string::npos);
        EXPECT_FALSE(header.value.ends_with(' '));
    }
    EXPECT_EQ(read_message_headers(with(wire)), extras.headers);
}

TEST(MessageHeaders, HugeHeadersAreCountedNotSent) {
    Extras extras;
    extras.headers = {{"a", std::string(10'000, 'x')}, {"b", std::string(10'000, 'x')}, {"c", "d"}};
    std::vector<Header> wire;
    write_extras(extras, wire);
    ASSERT_EQ(wire.size(), 3U);
    EXPECT_EQ(wire[1], (Header{"Junctor-Header", "c=d"}));
    EXPECT_EQ(wire[2], (Header{"Junctor-Headers-Omitted", "1"}));
}

TEST(MessageHeaders, UnprintableContentTypeIsEncoded) {
    Extras extras;
    extras.content_type = "text/\xc3\xa4\r\nX: y";
    std::vector<Header> wire;
    write_extras(extras, wire);
    EXPECT_EQ(wire.at(0), (Header{"Junctor-Content-Type", "text/%C3%A4%0D%0AX:%20y"}));
}

TEST(MessageHeaders, PlainFieldsOfARequestAreNone) {
    EXPECT_EQ(read_message_headers(with({{"User-Agent", "curl"}, {"Accept", "*/*"}, {"Junctor-Qos", "1"}})), std::vector<Header>{});
}

TEST(MessageHeaders, BrokenOnesAreRefused) {
    for (const Header& header : {Header{"Junctor-Header", "novalue"}, Header{"junctor-header", "=v"}, Header{"Junctor-Header", "a%=b"},
                                 Header{"Junctor-Header", "a=%zz"}, Header{"CE-id", "%"}})
        EXPECT_FALSE(read_message_headers(with({header}))) << header.value;
}

}  // namespace
}  // namespace junctor::rest
