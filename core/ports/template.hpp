#pragma once

#include <array>
#include <cstring>

#include "core/base/bytes.hpp"
#include "core/base/ref_counted.hpp"
#include "core/model/envelope.hpp"

namespace junctor {

/// Bytes that many outbound queues hold at once.
class SharedBytes final : public RefCounted<SharedBytes> {
public:
    explicit SharedBytes(ByteBuffer bytes) noexcept : bytes_(std::move(bytes)) {}
    Bytes view() const noexcept { return bytes_; }

private:
    friend class RefCounted<SharedBytes>;
    ~SharedBytes() = default;
    ByteBuffer bytes_;
};

/// A run of bytes and what keeps it alive: a message's payload or a SharedBytes. No owner: the bytes live only during the call.
struct SharedSlice {
    Bytes bytes;
    EnvelopePtr envelope;
    Ref<const SharedBytes> block;

    bool owned() const noexcept { return envelope || block; }
};

/// What all sessions of one wire variant share of one message: a short prefix that each copies, then a body that is shared
/// by reference when it is large. Built once per variant and fan-out, on the stack of the fan-out; not kept.
class Template {
public:
    /// Up to here copying is cheaper than sharing (DESIGN 5.3).
    static constexpr std::size_t copy_limit = 256;
    static constexpr std::size_t prefix_capacity = 1024;

    Template() noexcept {}  // not defaulted: making one must not clear the prefix
    Template(const Template&) = delete;
    Template& operator=(const Template&) = delete;

    Bytes prefix() const noexcept { return {prefix_.data(), prefix_size_}; }
    const SharedSlice& body() const noexcept { return body_; }
    std::size_t size() const noexcept { return prefix_size_ + body_.bytes.size(); }

    /// Where in the prefix the part begins that a session with a head of its own appends to it. Meaning is the codec's.
    std::uint16_t tail_at = 0;
    /// A second mark for the codec (for example where the packet identifier stands).
    std::uint16_t mark = 0;

    /// Makes the prefix longer: where to write the new bytes. Null, and nothing changed, when they do not fit.
    std::uint8_t* extend_prefix(std::size_t bytes) noexcept {
        if (prefix_capacity - prefix_size_ < bytes) return nullptr;
        std::uint8_t* const at = prefix_.data() + prefix_size_;
        prefix_size_ = static_cast<std::uint16_t>(prefix_size_ + bytes);
        return at;
    }

    /// Appends to the prefix; false, and nothing written, when it does not fit: then put it into a block body.
    bool append_prefix(Bytes bytes) noexcept {
        std::uint8_t* const at = extend_prefix(bytes.size());
        if (at && !bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
        return at != nullptr;
    }

    /// Ends the template with the message's payload: copied into the prefix when small, else shared.
    void set_payload(const Envelope& envelope) noexcept {
        const Bytes payload = envelope.payload();
        if (payload.size() <= copy_limit && append_prefix(payload)) return;
        body_.bytes = payload;
        body_.envelope = EnvelopePtr(&envelope);
    }

    void set_block(Ref<const SharedBytes> block) noexcept {
        body_.bytes = block->view();
        body_.block = std::move(block);
    }

private:
    std::uint16_t prefix_size_ = 0;
    SharedSlice body_;
    std::array<std::uint8_t, prefix_capacity> prefix_;
};

}  // namespace junctor
