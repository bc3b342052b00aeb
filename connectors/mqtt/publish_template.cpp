#include "connectors/mqtt/publish_template.hpp"

#include <array>
#include <cstring>

#include "connectors/mqtt/codec.hpp"
#include "connectors/mqtt/mapping.hpp"

namespace junctor::mqtt {

namespace {

constexpr std::uint8_t publish_byte = static_cast<std::uint8_t>(PacketType::publish) << 4;
constexpr std::size_t packet_id_size = 2;
constexpr std::size_t topic_length_size = 2;
constexpr std::size_t alias_size = 3;
constexpr std::size_t longest_variable = 4;

std::array<std::uint8_t, 2> big_endian(std::size_t value) noexcept {
    return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

/// Room for one head: on the stack for nearly every message.
class HeadRoom {
public:
    explicit HeadRoom(std::size_t most) {
        if (most > small_.size()) large_.resize(most);
        begin_ = large_.empty() ? small_.data() : large_.data();
        at_ = begin_;
    }
    HeadRoom(const HeadRoom&) = delete;
    HeadRoom& operator=(const HeadRoom&) = delete;

    void put(std::uint8_t byte) noexcept { *at_++ = byte; }
    void put(Bytes bytes) noexcept {
        std::memcpy(at_, bytes.data(), bytes.size());
        at_ += bytes.size();
    }
    void put_variable(std::size_t value) noexcept { at_ += write_variable(static_cast<std::uint32_t>(value), at_); }
    Bytes written() const noexcept { return {begin_, at_}; }

private:
    std::array<std::uint8_t, 320> small_;
    ByteBuffer large_;
    std::uint8_t* begin_;
    std::uint8_t* at_;
};

/// Where the parts of an encoded QoS 0 PUBLISH stand in the bytes that begin it.
struct Layout {
    std::size_t topic_at = 0;       ///< its two bytes of length
    std::size_t topic_end = 0;      ///< where a packet identifier goes; 5.0: the property length begins
    std::size_t properties_at = 0;  ///< 5.0: the first property; before: the payload
    std::size_t properties_size = 0;
};

/// The bytes that begin the packet: the template's prefix, or its block when the prefix was too small.
Bytes front_of(const Template& encoded) noexcept { return encoded.prefix().empty() ? encoded.body().bytes : encoded.prefix(); }

/// `mark` is the number of bytes of the property length: 0 before 5.0.
Layout layout_of(const Template& encoded) noexcept {
    const Bytes front = front_of(encoded);
    FrameHead frame;
    read_head(front, frame);
    Layout layout;
    layout.topic_at = frame.size;
    layout.topic_end = frame.size + 2U + (std::size_t{front[frame.size]} << 8 | front[frame.size + 1U]);
    layout.properties_at = layout.topic_end + encoded.mark;
    for (std::size_t at = encoded.mark; at-- > 0;)
        layout.properties_size = layout.properties_size << 7 | (front[layout.topic_end + at] & 0x7F);
    return layout;
}

/// The bytes of the properties that the head adds.
std::size_t own_properties_size(const PublishHead& head) noexcept {
    std::size_t size = head.alias.number != 0 ? alias_size : 0;
    for (const std::uint32_t id : head.subscription_ids) size += 1U + variable_size(id);
    return size;
}

bool has_own_properties(const Template& encoded, const PublishHead& head) noexcept {
    return encoded.mark != 0 && (head.alias.number != 0 || !head.subscription_ids.empty());
}

bool is_bare(const PublishHead& head) noexcept {
    return head.qos == Qos::at_most_once && !head.retain && head.subscription_ids.empty() && head.alias.number == 0;
}

/// The topic and its length, as far as the packet names it.
std::size_t named_size(const Layout& layout, const PublishHead& head) noexcept {
    return head.alias.known ? topic_length_size : layout.topic_end - layout.topic_at;
}

std::size_t remaining_length(const Template& encoded, const Layout& layout, const PublishHead& head) noexcept {
    const std::size_t shared = encoded.size() - layout.topic_end;
    const std::size_t named = named_size(layout, head) + (head.qos == Qos::at_most_once ? 0 : packet_id_size);
    if (!has_own_properties(encoded, head)) return named + shared;
    const std::size_t own = own_properties_size(head);
    return named + own + variable_size(static_cast<std::uint32_t>(layout.properties_size + own)) - encoded.mark + shared;
}

std::size_t longest_head(const Layout& layout, const PublishHead& head) noexcept {
    return 1 + longest_variable + named_size(layout, head) + packet_id_size + longest_variable + own_properties_size(head);
}

std::uint8_t first_byte(const PublishHead& head) noexcept {
    const unsigned flags = (head.dup ? 8U : 0U) | static_cast<unsigned>(head.qos) << 1 | (head.retain ? 1U : 0U);
    return static_cast<std::uint8_t>(publish_byte | flags);
}

/// Fixed header, topic, packet identifier and own properties; answers where the shared bytes go on.
std::size_t write_head(const Template& encoded, const Layout& layout, const PublishHead& head, HeadRoom& out) noexcept {
    out.put(first_byte(head));
    out.put_variable(remaining_length(encoded, layout, head));
    if (head.alias.known)
        out.put(big_endian(0));
    else
        out.put(front_of(encoded).subspan(layout.topic_at, layout.topic_end - layout.topic_at));
    if (head.qos != Qos::at_most_once) out.put(big_endian(head.packet_id));
    if (!has_own_properties(encoded, head)) return layout.topic_end;
    out.put_variable(layout.properties_size + own_properties_size(head));
    if (head.alias.number != 0) {
        out.put(static_cast<std::uint8_t>(PropertyId::topic_alias));
        out.put(big_endian(head.alias.number));
    }
    for (const std::uint32_t id : head.subscription_ids) {
        out.put(static_cast<std::uint8_t>(PropertyId::subscription_identifier));
        out.put_variable(id);
    }
    return layout.properties_at;
}

/// What stands before the payload of a QoS 0 packet.
struct Front {
    std::string_view topic;
    Bytes properties;
    std::uint8_t property_length_size;  ///< 0 before 5.0
    std::uint32_t remaining;            ///< length of the packet without its fixed header

    std::size_t size() const noexcept {
        return 1U + variable_size(remaining) + topic_length_size + topic.size() + property_length_size + properties.size();
    }
    void write(std::uint8_t* at) const noexcept {
        *at++ = publish_byte;
        at += write_variable(remaining, at);
        *at++ = static_cast<std::uint8_t>(topic.size() >> 8);
        *at++ = static_cast<std::uint8_t>(topic.size());
        std::memcpy(at, topic.data(), topic.size());
        at += topic.size();
        if (property_length_size == 0) return;
        at += write_variable(static_cast<std::uint32_t>(properties.size()), at);
        if (!properties.empty()) std::memcpy(at, properties.data(), properties.size());
    }
};

Front front_for(const Envelope& envelope, Version version, Bytes properties) noexcept {
    const std::string_view topic = envelope.topic_text();
    const std::uint8_t length_size = version == Version::v5 ? variable_size(static_cast<std::uint32_t>(properties.size())) : std::uint8_t{0};
    const std::size_t remaining = topic_length_size + topic.size() + length_size + properties.size() + envelope.payload().size();
    return {topic, properties, length_size, static_cast<std::uint32_t>(remaining)};
}

}  // namespace

void encode_publish(const Envelope& envelope, Version version, TimePoint now, Template& out, bool with_position) noexcept {
    ByteBuffer properties;
    if (version == Version::v5 && (envelope.extras() || envelope.expires() || with_position))
        properties = to_properties(envelope, now, with_position);
    const Front front = front_for(envelope, version, properties);
    out.mark = front.property_length_size;
    if (std::uint8_t* at = out.extend_prefix(front.size())) {
        front.write(at);
        out.set_payload(envelope);
        return;
    }
    ByteBuffer block(front.size());
    front.write(block.data());
    append(block, envelope.payload());
    out.set_block(Ref<const SharedBytes>(new SharedBytes(std::move(block))));
}

std::size_t publish_size(const Template& encoded, const PublishHead& head) noexcept {
    if (is_bare(head)) return encoded.size();
    const Layout layout = layout_of(encoded);
    const std::size_t remaining = remaining_length(encoded, layout, head);
    return 1U + variable_size(static_cast<std::uint32_t>(remaining)) + remaining;
}

void send_publish(Stream& stream, const Template& encoded, const PublishHead& head) noexcept {
    if (is_bare(head)) {
        if (encoded.body().bytes.empty())
            stream.send(encoded.prefix());
        else
            stream.send(encoded.prefix(), {}, encoded.body());
        return;
    }
    const Layout layout = layout_of(encoded);
    HeadRoom own(longest_head(layout, head));
    const std::size_t from = write_head(encoded, layout, head, own);
    if (!encoded.prefix().empty()) {
        stream.send(own.written(), encoded.prefix().subspan(from), encoded.body());
        return;
    }
    SharedSlice rest = encoded.body();
    rest.bytes = rest.bytes.subspan(from);
    stream.send(own.written(), {}, rest);
}

}  // namespace junctor::mqtt
