#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/zmq_end.hpp"

namespace junctor::test {

/// libzmq and the network under it, as the gateway's doors and their peers see them, from what its manual and its source say: queues for
/// each connection with a high-water mark, an edge-triggered descriptor that any call on its socket may silence, events of connections
/// that outrun the messages which came by them, numbers of connections that come again, XPUB's subscriptions that its application admits, ZAP.
///
/// Nothing moves by itself: a line's pieces by its client, everything else by `step`.
class ZmqNetwork final : public zeromq::Sockets {
public:
    ZmqNetwork(SeededRandom& random, const Clock& clock) : random_(random), clock_(clock) {}

    std::unique_ptr<zeromq::Socket> make(zeromq::Socket::Kind kind, const zeromq::SocketOptions& options) override;

    /// Null: nobody listens there now. Who somebody is, is asked before the line opens.
    std::shared_ptr<ZmqLine> connect(std::uint16_t port, const std::string& user, ZmqLine::Events events);
    /// The descriptor of a socket says that there may be something to do.
    bool signalled(int descriptor) const;
    /// The gateway's side notices the end of a line, or an address becomes free; false: neither is due.
    bool step();

    // The ends'.
    void enter(ZmqEnd& end) { ends_.push_back(&end); }
    /// libzmq gives the address back a little later.
    void leave(ZmqEnd& end);
    bool is_free(std::uint16_t port) const;
    /// The door said who a line is.
    void answered(const ZmqFrames& zap);
    SeededRandom& random() noexcept { return random_; }
    TimePoint now() const noexcept { return clock_.now(); }

private:
    ZmqEnd* end_at(std::uint16_t port) const;
    ZmqEnd* zap() const;
    int free_number() const;

    SeededRandom& random_;
    const Clock& clock_;
    std::vector<ZmqEnd*> ends_;
    ZmqEnd::Lines lines_;  ///< of which the gateway's side has not noticed the end
    std::map<std::string, std::shared_ptr<ZmqLine>> asked_;
    std::vector<std::uint16_t> lingering_;  ///< ports of sockets that have gone
    int last_descriptor_ = 0;
    std::uint64_t last_question_ = 0;
    std::shared_ptr<ZmqLine> questions_;  ///< ZAP's own way to its handler
};

}  // namespace junctor::test
