// Structured CloudEvents: whatever is understood is shown again as an event that is understood alike.
#include <cstdlib>

#include "core/model/cloud_event.hpp"

namespace {

using namespace junctor;

void require(bool holds) {
    if (!holds) std::abort();
}

EnvelopePtr envelope_of(CloudEvent& event) {
    Draft draft;
    draft.topic = Topic::parse({}, "a").value();
    draft.payload = event.data;
    draft.extras = std::make_unique<Extras>(event.extras);
    return Envelope::make(std::move(draft), {{}, {}, nullptr, {}});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<CloudEvent> batch;
    if (read_cloud_event_batch(as_text({data, size}), {}, 256, 16, batch).empty()) require(batch.size() <= 16);
    CloudEvent event;
    if (!read_cloud_event(as_text({data, size}), {}, 256, event).empty()) return 0;
    ByteBuffer shown;
    append_cloud_event(shown, *envelope_of(event), {}, {});
    CloudEvent again;
    require(read_cloud_event(as_text(shown), {.bytes = 16 << 20}, 300, again).empty());
    // JSON may lose the white space around it.
    if (event.extras.content_type.find("json") == std::string::npos) require(event.data == again.data);
    return 0;
}
