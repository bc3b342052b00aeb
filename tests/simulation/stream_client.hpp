#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "core/ports/host.hpp"
#include "tests/simulation/client.hpp"
#include "tests/support/fake_stream.hpp"

namespace junctor::simulation {

/// A client whose connection is a byte stream or a WebSocket: what it sends waits in the network and goes in by pieces, between
/// any two of which the connection may be cut, moved to another core, or stalled.
class StreamClient : public Client {
public:
    using Client::Client;
    ~StreamClient() override;

    bool ready() const override { return wire_ && open_ && !wire_->closed_as; }
    bool connected() const override { return wire_ != nullptr; }
    void cut() override;
    void stall(bool stalled) override;
    bool stalled() const override { return wire_ && wire_->stalled; }
    void drain(std::size_t core) override;
    bool turn() override;

protected:
    /// Puts a connection on a core the seed chooses; `make` is the listener's factory.
    void attach(const std::function<std::unique_ptr<StreamHandler>(Stream&)>& make, bool messages);
    /// Into the network. `number`: the publication it is, told to the history when the gateway has read it.
    void put(ByteBuffer bytes, std::optional<std::size_t> number = {});
    void opened() { open_ = true; }

    /// Bytes, or one message, from the gateway. How much of it was used.
    virtual std::size_t read(Bytes bytes) = 0;
    /// The gateway went and closed the connection: what word the protocol has for that was said.
    virtual bool heard_why() const { return true; }
    /// The connection is over: forget what belonged to it.
    virtual void forget() = 0;

private:
    struct Wire final : test::FakeStream {
        using FakeStream::FakeStream;
        void set_deadline(Duration delay) noexcept override;
        std::optional<TimePoint> due;
    };
    struct Piece {
        ByteBuffer bytes;
        std::optional<std::size_t> number;
        std::size_t fed = 0;
    };

    bool look_after_wire();
    bool feed();
    bool drink();
    void note_handed();
    void detach(std::optional<CloseReason> reason);

    std::unique_ptr<Wire> wire_;
    std::deque<Piece> outgoing_;
    std::vector<std::size_t> fed_;  ///< publications fed, of which the gateway may not have read all
    ByteBuffer incoming_;
    bool messages_ = false;
    bool open_ = false;
};

}  // namespace junctor::simulation
