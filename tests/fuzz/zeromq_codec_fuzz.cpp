// Input: frames, each behind its length in two bytes. They are read as a command, a publication and an answer by turns; what a
// headers frame says must survive being written and read again.
#include <cstdlib>
#include <vector>

#include "connectors/zeromq/codec.hpp"
#include "connectors/zeromq/codec_fields.hpp"
#include "connectors/zeromq/prefix.hpp"
#include "core/base/byte_reader.hpp"

using namespace junctor;

namespace {

std::vector<Bytes> split(Bytes input) {
    std::vector<Bytes> frames;
    ByteReader reader(input);
    while (!reader.empty() && frames.size() < 16) {
        const std::size_t size = reader.u16();
        frames.push_back(reader.take(std::min(size, reader.rest().size())));
    }
    return frames;
}

void check_fields(Bytes frame) {
    zeromq::Fields fields;
    if (!zeromq::decode_fields(frame, {}, fields).empty()) return;
    std::string members, again;
    zeromq::append_members(members, fields);
    zeromq::Fields back;
    const std::string written = zeromq::fields_frame(members);
    if (!zeromq::decode_fields(as_bytes(written), {.bytes = written.size()}, back).empty()) std::abort();
    zeromq::append_members(again, back);
    if (members != again) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<Bytes> frames = split({data, size});
    const zeromq::Decoded command = zeromq::decode_command(frames);
    check_fields(command.command.headers);
    check_fields(zeromq::decode_publication(frames).publication.headers);
    check_fields(zeromq::decode_answer(frames).answer.headers);
    static_cast<void>(zeromq::interest_of({}, command.command.topic));
    return 0;
}
