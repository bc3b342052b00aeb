#include "connectors/zeromq/codec_zap.hpp"

namespace junctor::zeromq {
namespace {

constexpr std::string_view version = "1.0";
constexpr std::size_t fixed_frames = 8;  // route, delimiter, version, id, domain, address, identity, mechanism
constexpr std::size_t key_size = 32;

bool read_mechanism(std::span<const Bytes> frames, ZapRequest& request) noexcept {
    const std::string_view mechanism = as_text(frames[fixed_frames - 1]);
    const std::span<const Bytes> shown = frames.subspan(fixed_frames);
    if (mechanism == "NULL") return shown.empty();
    if (mechanism == "PLAIN" && shown.size() == 2) {
        request.mechanism = ZapRequest::Mechanism::plain;
        request.user = as_text(shown[0]);
        request.password = as_text(shown[1]);
        return true;
    }
    if (mechanism != "CURVE" || shown.size() != 1 || shown[0].size() != key_size) return false;
    request.mechanism = ZapRequest::Mechanism::curve;
    request.key = shown[0];
    return true;
}

}  // namespace

std::optional<ZapRequest> decode_zap(std::span<const Bytes> frames) noexcept {
    if (frames.size() < fixed_frames || !frames[1].empty() || as_text(frames[2]) != version) return std::nullopt;
    ZapRequest request;
    request.route = frames[0];
    request.id = frames[3];
    request.address = as_text(frames[5]);
    if (!read_mechanism(frames, request)) return std::nullopt;
    return request;
}

}  // namespace junctor::zeromq
