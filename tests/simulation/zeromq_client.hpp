#pragma once

#include <deque>
#include <map>
#include <memory>

#include "connectors/zeromq/peer.hpp"
#include "tests/simulation/client.hpp"

namespace junctor::simulation {

/// A DEALER at the request door: frames in and out of its peer, without libzmq.
class ZeromqClient final : public Client {
public:
    using Client::Client;
    ~ZeromqClient() override;

    bool ready() const override { return seat_ && !seat_->gone && !seat_->peer.over(); }
    bool connected() const override { return seat_ != nullptr; }
    void connect(const std::string& session_name) override;
    void cut() override;
    void stall(bool stalled) override;
    bool stalled() const override { return seat_ && seat_->stalled; }
    void drain(std::size_t core) override;
    bool turn() override;

private:
    using Frames = std::vector<std::string>;

    struct Pending {
        enum class What : std::uint8_t { publish, request, subscribe, unsubscribe } what;
        std::size_t index;
    };

    /// The request door's side of it.
    struct Seat final : zeromq::PeerLink {
        explicit Seat(Core& core) : home(core), peer(core, *this) {}
        Sent send(std::span<const SharedSlice> frames) noexcept override;
        void attend() noexcept override { attended = true; }

        Core& home;
        std::deque<Frames> sent;
        bool gone = false;
        bool stalled = false;
        bool attended = false;
        zeromq::Peer peer;
    };

    bool knows(Kind) const override { return true; }
    void send_publication(std::size_t number) override;
    void send_subscribe(std::size_t subscription) override;
    void send_unsubscribe(std::size_t subscription) override;
    void send_reply(const std::string& reply_to, const std::string& correlation, const std::string& payload) override;

    bool look_after_seat();
    bool feed();
    bool drink();
    void put(Frames frames, std::optional<Pending> pending, std::optional<std::size_t> number = {});
    void take(const Frames& frames);
    void settle(const Frames& frames);
    void take_message(const Frames& frames);

    struct Piece {
        Frames frames;
        std::optional<std::size_t> number;
    };

    std::unique_ptr<Seat> seat_;
    std::deque<Piece> outgoing_;
    std::uint64_t last_id_ = 0;
    std::map<std::string, Pending> pending_;
};

}  // namespace junctor::simulation
