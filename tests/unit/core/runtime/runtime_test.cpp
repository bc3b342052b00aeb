#include "core/runtime/runtime.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <set>
#include <thread>

#include "core/base/setup_error.hpp"
#include "core/runtime/event_loop.hpp"
#include "core/runtime/system_clock.hpp"

namespace junctor {
namespace {

const Address any_port{"127.0.0.1", 0};

/// Sends back what it gets, in front of it the number of its core; moves to the core that a first byte `0`..`9` names.
class EchoHandler final : public StreamHandler {
public:
    explicit EchoHandler(Stream& stream) : stream_(stream) {}
    std::size_t received(Bytes bytes) override {
        stream_.established();
        if (!moved_ && bytes[0] >= '0' && bytes[0] <= '9') {
            moved_ = true;
            stream_.move_to({static_cast<std::uint16_t>(bytes[0] - '0')});
            return 1;
        }
        const std::string text = std::to_string(stream_.core().id().value) + ":" + std::string(as_text(bytes));
        stream_.send(as_bytes(text));
        return bytes.size();
    }
    std::size_t receive_limit() const noexcept override { return 1'000; }
    void drain() override {
        stream_.send(as_bytes("bye"));
        stream_.close(CloseReason::server_shutdown, {});
    }
    void closed(CloseReason) override {}

private:
    Stream& stream_;
    bool moved_ = false;
};

StreamFactory echo() {
    return [](Stream& stream) { return std::make_unique<EchoHandler>(stream); };
}

class Client {
public:
    explicit Client(const Address& address) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(address.port);
        inet_pton(AF_INET, address.host.c_str(), &to.sin_addr);
        connected = connect(descriptor_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
        const timeval patience{10, 0};
        setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    ~Client() { close(descriptor_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void send(std::string_view text) { ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL); }
    /// Waits for `size` bytes or the end.
    std::string read(std::size_t size) {
        std::string text(size, '\0');
        std::size_t got = 0;
        while (got < size) {
            const ssize_t count = recv(descriptor_, text.data() + got, size - got, 0);
            if (count <= 0) break;
            got += static_cast<std::size_t>(count);
        }
        text.resize(got);
        return text;
    }
    bool connected;

private:
    int descriptor_;
};

struct RuntimeTest : testing::Test {
    std::unique_ptr<Runtime> make(std::uint16_t cores) {
        Runtime::Options options;
        options.cores = cores;
        options.limits = limits;
        return std::make_unique<Runtime>(options, clock);
    }
    SystemClock clock;
    Limits limits;
};

TEST_F(RuntimeTest, PortZeroIsOnePortOnAllCores) {
    const auto runtime = make(3);
    runtime->host().serve_streams(any_port, echo());
    runtime->start([](EventLoop&) {});
    const Address bound = runtime->host().bound(any_port);
    EXPECT_NE(bound.port, 0);
    std::set<std::string> answers;
    for (int i = 0; i < 200 && answers.size() < 3; ++i) {
        Client client(bound);
        client.send("x");
        answers.insert(client.read(3));
    }
    EXPECT_EQ(answers, (std::set<std::string>{"0:x", "1:x", "2:x"}));
}

TEST_F(RuntimeTest, SetsUpEveryCoreOnItsThreadBeforeItAccepts) {
    const auto runtime = make(2);
    runtime->host().serve_streams(any_port, echo());
    std::set<std::thread::id> threads;
    std::vector<CoreId> cores;
    runtime->start([&](EventLoop& loop) {
        threads.insert(std::this_thread::get_id());
        cores.push_back(loop.core().id());
    });
    EXPECT_EQ(threads.size(), 2U);
    EXPECT_EQ(threads.count(std::this_thread::get_id()), 0U);
    EXPECT_EQ(cores, (std::vector<CoreId>{{0}, {1}}));
}

TEST_F(RuntimeTest, ConnectionsMoveBetweenRunningCores) {
    const auto runtime = make(2);
    runtime->host().serve_streams(any_port, echo());
    runtime->start([](EventLoop&) {});
    for (int i = 0; i < 50; ++i) {
        Client client(runtime->host().bound(any_port));
        const std::string target = std::to_string(i % 2);
        client.send(target + "rest");
        EXPECT_EQ(client.read(6), target + ":rest");
    }
}

TEST_F(RuntimeTest, AnAddressInUseNamesItsHolder) {
    const auto first = make(1);
    first->host().serve_streams(any_port, echo());
    first->start([](EventLoop&) {});
    const auto second = make(1);
    second->host().serve_streams(first->host().bound(any_port), echo());
    try {
        second->start([](EventLoop&) {});
        FAIL() << "bound twice";
    } catch (const SetupError& error) {
        EXPECT_NE(std::string(error.what()).find("(process " + std::to_string(getpid()) + ")"), std::string::npos) << error.what();
    }
}

TEST_F(RuntimeTest, AFailingSetupComesBackToTheCaller) {
    const auto runtime = make(2);
    EXPECT_THROW(runtime->start([](EventLoop& loop) {
        if (loop.core().id().value == 1) throw SetupError("no");
    }), SetupError);
}

TEST_F(RuntimeTest, WhatCoresHaveToldEachOtherIsHeardWhenTheyHaveSettled) {
    const auto runtime = make(2);
    runtime->start([](EventLoop&) {});
    std::atomic<int> heard = 0;
    const auto tell = [](Core& from, std::uint16_t to, std::function<void(Core&)> task) {
        Mail mail;
        mail.task = std::make_unique<std::function<void(Core&)>>(std::move(task));
        from.mailbox().post({to}, std::move(mail));
    };
    std::promise<void> told;
    runtime->loop({0}).post([&](Core& core) {
        for (int count = 0; count < 10'000; ++count)  // more than a ring holds
            tell(core, 1, [&](Core& there) { tell(there, 0, [&](Core&) { ++heard; }); });
        told.set_value();
    });
    told.get_future().get();
    runtime->settle(2);
    EXPECT_EQ(heard, 10'000);
}

TEST_F(RuntimeTest, DrainSaysGoodbyeAndCountsWhoStays) {
    const auto runtime = make(2);
    runtime->host().serve_streams(any_port, echo());
    runtime->start([](EventLoop&) {});
    const Address bound = runtime->host().bound(any_port);
    auto client = std::make_unique<Client>(bound);
    client->send("x");
    client->read(3);
    std::thread drainer([&] { EXPECT_EQ(runtime->drain(), 0U); });
    EXPECT_EQ(client->read(100), "bye");
    EXPECT_FALSE(Client(bound).connected);
    client.reset();
    drainer.join();
    EXPECT_EQ(runtime->connections(), 0U);
}

struct ReloadTest : RuntimeTest {
    ReloadTest() : runtime(make(2)) {
        first = runtime->set_owner("first");
        runtime->host().serve_streams(any_port, echo());
        runtime->start([](EventLoop&) {});
    }
    /// Adds the other address.
    void add() {
        runtime->set_owner("second");
        runtime->host().serve_streams(other_port, echo());
    }
    static std::string talk(Client& client) {
        client.send("x");
        return client.read(3).substr(1);
    }

    const Address other_port{"127.0.0.2", 0};
    std::unique_ptr<Runtime> runtime;
    OwnerId first;
};

TEST_F(ReloadTest, WhatIsNewAcceptsAndWhatStaysKeepsItsConnections) {
    Client before(runtime->host().bound(any_port));
    EXPECT_EQ(talk(before), ":x");
    runtime->prepare({first}, [&] { add(); });
    runtime->commit();
    Client after(runtime->host().bound(other_port));
    EXPECT_EQ(talk(after), ":x");
    EXPECT_EQ(talk(before), ":x");
}

TEST_F(ReloadTest, WhoLeavesSaysGoodbyeAndItsAddressIsFree) {
    const Address bound = runtime->host().bound(any_port);
    Client before(bound);
    EXPECT_EQ(talk(before), ":x");
    runtime->prepare({}, [&] { add(); });
    runtime->commit();
    EXPECT_EQ(before.read(100), "bye");
    EXPECT_FALSE(Client(bound).connected);
}

TEST_F(ReloadTest, AnAddressThatChangesHandsIsNeverClosed) {
    const Address bound = runtime->host().bound(any_port);
    Client before(bound);
    EXPECT_EQ(talk(before), ":x");
    runtime->prepare({}, [&] {
        runtime->set_owner("second");
        runtime->host().serve_streams(any_port, echo());
    });
    Client between(bound);
    runtime->commit();
    EXPECT_EQ(runtime->host().bound(any_port), bound);
    EXPECT_EQ(before.read(100), "bye");
    Client after(bound);
    EXPECT_EQ(talk(after), ":x");
}

TEST_F(ReloadTest, WhatCannotBeBoundChangesNothing) {
    Client before(runtime->host().bound(any_port));
    const Address taken = runtime->host().bound(any_port);
    EXPECT_THROW(runtime->prepare({first},
                                  [&] {
                                      add();
                                      runtime->host().serve_streams(taken, echo());
                                  }),
                 SetupError);
    EXPECT_EQ(talk(before), ":x");
    EXPECT_EQ(runtime->host().bound(other_port).port, 0);
    runtime->prepare({first}, [&] { add(); });
    runtime->commit();
    Client after(runtime->host().bound(other_port));
    EXPECT_EQ(talk(after), ":x");
}

TEST_F(ReloadTest, PostsOfADraftWaitForItOrGoWithIt) {
    std::atomic<int> ran{0};
    const auto post = [&] { runtime->host().post({0}, [&](Core&) { ++ran; }); };
    EXPECT_THROW(runtime->prepare({first},
                                  [&] {
                                      post();
                                      throw SetupError("no");
                                  }),
                 SetupError);
    runtime->prepare({first}, post);
    EXPECT_EQ(ran, 0);
    runtime->commit();
    runtime->set_limits(limits);  // waits for every core
    EXPECT_EQ(ran, 1);
}

TEST_F(ReloadTest, LimitsHoldFromThenOn) {
    limits.connections = 1;
    runtime->set_limits(limits);
    Client first_client(runtime->host().bound(any_port));
    EXPECT_EQ(talk(first_client), ":x");
    Client second_client(runtime->host().bound(any_port));
    EXPECT_EQ(second_client.read(1), "");
}

TEST_F(RuntimeTest, ADrainSparesOneAddressAndDoesNotWaitForIt) {
    const auto runtime = make(2);
    const Address spared{"127.0.0.2", 0};
    runtime->set_owner("drained");
    runtime->host().serve_streams(any_port, echo());
    const OwnerId admin = runtime->set_owner("spared");
    runtime->host().serve_streams(spared, echo());
    runtime->start([](EventLoop&) {});
    const Address bound = runtime->host().bound(spared);
    Client before(bound);
    Client leaves(runtime->host().bound(any_port));
    leaves.send("x");
    leaves.read(3);
    std::thread drainer([&] { EXPECT_EQ(runtime->drain(Runtime::Spared{spared, admin}), 0U); });
    EXPECT_EQ(leaves.read(100), "bye");
    Client after(bound);
    for (Client* client : {&before, &after}) {
        client->send("x");
        EXPECT_EQ(client->read(3).substr(1), ":x");
    }
    drainer.join();
}

TEST_F(RuntimeTest, StoppingEndsWhatIsOpen) {
    const auto runtime = make(2);
    runtime->host().serve_streams(any_port, echo());
    runtime->start([](EventLoop&) {});
    Client client(runtime->host().bound(any_port));
    client.send("x");
    client.read(3);
    runtime->stop();
    EXPECT_EQ(client.read(1), "");
    EXPECT_EQ(runtime->connections(), 0U);
    runtime->stop();
}

TEST_F(RuntimeTest, WatchesAForeignDescriptorAndLeavesItOpen) {
    const auto runtime = make(1);
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    std::atomic<int> reads{0};
    std::unique_ptr<DescriptorWatch> watch;
    runtime->start([&](EventLoop& loop) {
        watch = runtime->host().watch(loop.core(), pipe_ends[0], [&] {
            char byte;
            if (read(pipe_ends[0], &byte, 1) == 1) ++reads;
            watch.reset();
        });
    });
    ASSERT_EQ(write(pipe_ends[1], "ab", 2), 2);
    while (reads == 0) std::this_thread::yield();
    runtime->stop();
    EXPECT_EQ(reads, 1);
    char byte;
    EXPECT_EQ(read(pipe_ends[0], &byte, 1), 1);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

}  // namespace
}  // namespace junctor
