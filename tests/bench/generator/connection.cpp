#include "tests/bench/generator/connection.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace bench {
namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

int connect_to(const Options& options) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options.port);
    if (::inet_pton(AF_INET, options.host.c_str(), &address.sin_addr) != 1) throw std::runtime_error("not an IPv4 address: " + options.host);
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) fail("socket");
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        ::close(descriptor);
        fail("connect");
    }
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
    return descriptor;
}

}  // namespace

Connection::Connection(const Options& options, const std::string& name, WireEvents& events)
    : descriptor_(connect_to(options)), wire_(make_wire(options, name)), events_(events) {
    wire_->append_hello(output_);
}

Connection::~Connection() {
    ::close(descriptor_);
}

void Connection::flush() {
    while (!output_.empty()) {
        const ssize_t sent = ::send(descriptor_, output_.data(), output_.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) return;
        if (sent < 0) fail("send");
        output_.erase(0, static_cast<std::size_t>(sent));
    }
}

void Connection::read(std::span<char> buffer) {
    std::copy(unfinished_.begin(), unfinished_.end(), buffer.begin());
    const std::size_t kept = unfinished_.size();
    const ssize_t received = ::recv(descriptor_, buffer.data() + kept, buffer.size() - kept, 0);
    if (received == 0) throw std::runtime_error("the server closed a connection");
    if (received < 0 && errno == EAGAIN) return;
    if (received < 0) fail("recv");
    const std::string_view input(buffer.data(), kept + static_cast<std::size_t>(received));
    unfinished_.assign(input.substr(wire_->consume(input, output_, events_)));
}

}  // namespace bench
