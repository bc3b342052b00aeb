#include "tests/support/zmq_network.hpp"

#include <algorithm>

namespace junctor::test {

std::unique_ptr<zeromq::Socket> ZmqNetwork::make(zeromq::Socket::Kind kind, const zeromq::SocketOptions& options) {
    last_descriptor_ += 2;
    auto end = std::make_unique<ZmqEnd>(*this, kind, static_cast<std::size_t>(options.high_water_mark), last_descriptor_);
    if (kind == zeromq::Socket::Kind::zap) {
        questions_ = std::make_shared<ZmqLine>();
        questions_->end = end.get();
        end->hear(questions_);
    }
    return end;
}

std::shared_ptr<ZmqLine> ZmqNetwork::connect(std::uint16_t port, const std::string& user, ZmqLine::Events events) {
    ZmqEnd* const end = end_at(port);
    ZmqEnd* const judge = zap();
    if (!end || !judge) return nullptr;
    auto line = std::make_shared<ZmqLine>();
    line->end = end;
    line->number = free_number();
    line->events = std::move(events);
    lines_.push_back(line);
    end->accepted(line);
    const std::string question = std::to_string(++last_question_);
    asked_.emplace(question, line);
    judge->arrived(*questions_, {{"route", "", "1.0", question, "junctor", "127.0.0.1", "", "PLAIN", user, "password"}});
    return line;
}

void ZmqNetwork::answered(const ZmqFrames& zap) {
    const auto node = asked_.extract(zap[3]);
    if (node.empty() || node.mapped()->closed()) return;
    ZmqLine& line = *node.mapped();
    if (zap[4] != "200") return line.close();
    line.user = zap[6];
    line.state = ZmqLine::State::open;
}

// The kernel gives the lowest number that nobody has.
int ZmqNetwork::free_number() const {
    for (int number = 1'000;; ++number)
        if (std::ranges::none_of(lines_, [&](const auto& line) { return line->number == number; })) return number;
}

ZmqEnd* ZmqNetwork::end_at(std::uint16_t port) const {
    const auto found = std::ranges::find_if(ends_, [&](const ZmqEnd* end) { return end->port() == port; });
    return found == ends_.end() ? nullptr : *found;
}

ZmqEnd* ZmqNetwork::zap() const {
    const auto found = std::ranges::find_if(ends_, [](const ZmqEnd* end) { return end->kind() == zeromq::Socket::Kind::zap; });
    return found == ends_.end() ? nullptr : *found;
}

bool ZmqNetwork::is_free(std::uint16_t port) const { return !end_at(port) && std::ranges::find(lingering_, port) == lingering_.end(); }

void ZmqNetwork::leave(ZmqEnd& end) {
    std::erase(ends_, &end);
    std::erase_if(lines_, [&](const auto& line) { return line->end == &end; });
    if (end.port() != 0) lingering_.push_back(end.port());
}

bool ZmqNetwork::signalled(int descriptor) const {
    return std::ranges::any_of(ends_, [&](const ZmqEnd* end) {
        return (descriptor == end->descriptor() || descriptor == end->connections_descriptor()) && end->signalled(descriptor);
    });
}

bool ZmqNetwork::step() {
    if (!lingering_.empty()) {
        lingering_.pop_back();
        return true;
    }
    const auto over = std::ranges::find_if(lines_, [](const auto& line) { return line->closed(); });
    if (over == lines_.end()) return false;
    const std::shared_ptr<ZmqLine> line = *over;
    lines_.erase(over);
    line->end->notice(line);
    return true;
}

}  // namespace junctor::test
