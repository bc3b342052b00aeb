#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "connectors/vertx/backend_mapping.hpp"
#include "connectors/vertx/backend_settings.hpp"
#include "connectors/vertx/bus_ledger.hpp"
#include "core/observe/outage.hpp"
#include "core/ports/backend.hpp"
#include "core/runtime/server_line.hpp"
#include "core/runtime/timer_wheel.hpp"

namespace junctor::vertx {

/// A Vert.x event bus that joins gateways, or that a bridge reaches, through the TCP bridge of one of its applications. Topics that are
/// configured stand for one address each; all others travel over one address that gateways share, with the whole message inside.
/// Lives on one core; waits nowhere.
class VertxBackend final : public Backend, private ServerLine::Owner, private Timer {
public:
    explicit VertxBackend(BackendSettings settings, MakeServerLine make_line = make_server_line);

    BackendTraits traits() const noexcept override;
    void start(BackendSink& sink, const BackendPlace& place) override;
    void stop() noexcept override;
    void publish(const EnvelopePtr& envelope, BackendTicket ticket) noexcept override;
    void subscribe(const TopicFilter& filter, std::string_view group) noexcept override;
    void unsubscribe(const TopicFilter& filter, std::string_view group) noexcept override;

private:
    /// Somebody here waits for the answer of one receiver on the bus.
    struct Asked {
        TenantId tenant;
        std::string reply_to;
        ByteBuffer correlation;
        TimePoint until;
        BackendTicket ticket;
        bool owes_receipt = false;  ///< a request: it hears when it is known whether anybody is there
    };
    enum class Stage : std::uint8_t { asked, confirmed };
    struct Registration {
        std::size_t filters = 0;  ///< that want it
        Stage stage = Stage::asked;
    };
    /// A filter that waits for addresses.
    struct Waiting {
        TopicFilter filter;
        std::set<std::string> missing;
    };
    using FilterKey = std::pair<TenantId, std::string>;

    // ServerLine::Owner
    void line_up() noexcept override;
    void line_down(const std::string& why) noexcept override;
    std::size_t received(Bytes bytes) noexcept override;

    void expired(TimePoint now) noexcept override;
    void look_at_line(TimePoint now) noexcept;
    void connect_later() noexcept;
    void give_up_line(const std::string& why) noexcept;
    void forget_line() noexcept;

    void publish_shared(const EnvelopePtr& envelope, BackendTicket ticket) noexcept;
    void publish_mapped(const MappedAddress& to, const EnvelopePtr& envelope, BackendTicket ticket) noexcept;
    void answer_on_bus(const std::string& address, const EnvelopePtr& envelope, BackendTicket ticket) noexcept;
    bool full(std::size_t more) const noexcept;
    std::string ask(const EnvelopePtr& envelope, BackendTicket ticket);
    void send(const Frame& frame);
    void send_part(const Frame& frame, const BackendTicket* ticket);
    void register_address(const std::string& address);
    void ping_if_due();
    void send_ping();
    void receipt(BackendTicket ticket, Errc code) noexcept;
    void pong() noexcept;
    void part_done(const BusLedger::Part& part) noexcept;
    void registered(const std::string& address, bool refused) noexcept;
    void drop_stale_requests(TimePoint now) noexcept;

    void frame_arrived(std::string_view text) noexcept;
    void message_arrived(const Frame& frame) noexcept;
    void error_arrived(const Frame& frame) noexcept;
    void envelope_arrived(const Frame& frame) noexcept;
    void mapped_arrived(const MappedAddress& from, const Frame& frame) noexcept;
    void answer_arrived(Asked&& asked, const Frame& frame) noexcept;
    void failure_arrived(Asked&& asked, const Frame& frame) noexcept;
    void deliver(ArrivedMessage& from) noexcept;
    bool for_others(std::string_view topic) const noexcept;

    const BackendSettings settings_;
    const AddressTable table_;
    const MakeServerLine make_line_;
    BackendSink* sink_ = nullptr;
    Core* core_ = nullptr;
    std::string gateway_;
    bool joins_ = true;  ///< gateways; else it serves a bridge
    std::unique_ptr<ServerLine> line_;
    FrameDecoder decoder_;
    bool up_ = false;
    Outage outage_;
    bool available_ = false;
    std::uint32_t failures_ = 0;  ///< in a row
    TimePoint heard_;             ///< when the bridge last said something
    ByteBuffer out_;

    BusLedger ledger_;
    std::map<std::string, Registration, std::less<>> registrations_;
    std::set<FilterKey> wanted_;           ///< with addresses of their own
    std::map<FilterKey, Waiting> waiting_;
    std::unordered_map<std::string, Asked> asked_;  ///< by reply address
    std::string ask_prefix_;
    std::uint64_t last_ask_ = 0;
};

}  // namespace junctor::vertx
