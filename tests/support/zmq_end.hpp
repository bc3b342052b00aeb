#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/zeromq/socket.hpp"
#include "tests/support/zmq_line.hpp"
#include "tests/support/seeded_random.hpp"

namespace junctor::test {

class ZmqNetwork;

/// A door's socket without libzmq. Its descriptors are edge-triggered: any call on the socket takes the signal away.
class ZmqEnd final : public zeromq::Socket {
public:
    using Lines = std::vector<std::shared_ptr<ZmqLine>>;

    ZmqEnd(ZmqNetwork& network, Kind kind, std::size_t high_water_mark, int descriptor);
    ~ZmqEnd() override;

    Result<Address> bind(const Address& address) override;
    int descriptor() const override { return descriptor_; }
    bool readable() noexcept override;
    bool receive() noexcept override;
    std::span<const Bytes> parts() const noexcept override { return parts_; }
    std::size_t received_bytes() const noexcept override;
    std::string_view user() const noexcept override { return last_.ghost ? std::string_view() : std::string_view(last_user_); }
    int connection() const noexcept override { return last_.ghost ? -1 : last_number_; }
    void watch_connections() override {}
    int connections_descriptor() const override { return descriptor_ + 1; }
    std::optional<ConnectionEvent> next_connection_event() noexcept override;
    using Socket::send;
    Sent send(std::span<const SharedSlice> frames, const Held& held) noexcept override;
    std::size_t unsent() const noexcept override { return 0; }
    void admit(std::string_view prefix) noexcept override;
    void dismiss(std::string_view prefix) noexcept override;
    void drop_for_full_peers(bool drop) noexcept override { dropping_ = drop; }
    std::optional<zeromq::TcpProgress> progress(int) const noexcept override { return std::nullopt; }
    void end_connection(int connection) noexcept override;

    // The network's side.
    bool signalled(int descriptor) const noexcept { return descriptor == descriptor_ ? signalled_ : !events_.empty(); }
    Kind kind() const noexcept { return kind_; }
    std::uint16_t port() const noexcept { return port_; }
    std::size_t room_for() const noexcept { return high_water_mark_; }
    void accepted(const std::shared_ptr<ZmqLine>& line);
    /// The way by which ZAP's questions come.
    void hear(const std::shared_ptr<ZmqLine>& questions) { lines_.push_back(questions); }
    /// The end of a line has come through to here.
    void notice(const std::shared_ptr<ZmqLine>& line);
    void arrived(ZmqLine& line, ZmqLine::Piece piece);
    void signal() noexcept { signalled_ = true; }

private:
    std::shared_ptr<ZmqLine> next_line() noexcept;
    Sent publish(const ZmqFrames& message) noexcept;
    void offer(ZmqLine& line, const ZmqFrames& message);

    ZmqNetwork& network_;
    const Kind kind_;
    const std::size_t high_water_mark_;
    const int descriptor_;
    std::uint16_t port_ = 0;
    Lines lines_;  ///< open ones, and those of which something is still to be received
    std::vector<std::pair<ConnectionEvent, std::shared_ptr<ZmqLine>>> events_;
    std::uint64_t last_place_ = 0;
    bool signalled_ = false;
    bool dropping_ = false;
    bool refused_ = false;                  ///< what was to be sent last
    std::optional<TimePoint> behind_since_;  ///< something has waited for room
    // The message received last.
    ZmqLine::Piece last_;
    int last_number_ = -1;
    std::string last_user_;
    std::weak_ptr<ZmqLine> last_line_;
    std::vector<Bytes> parts_;
};

}  // namespace junctor::test
