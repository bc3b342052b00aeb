#include "gateway/admin/session_listing.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/runtime/core.hpp"
#include "core/session/durable_session.hpp"
#include "core/session/session_table.hpp"

namespace junctor {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t default_page = 100;

/// A core that looks for a few among a million serves its clients in between.
constexpr std::uint32_t slots_at_a_time = 10'000;

/// Which sessions are asked for; what is absent is no condition.
struct Wanted {
    TenantId tenant;  ///< of whom they are to be; the default one: of anybody
    std::optional<std::string> name;
    std::optional<std::string> principal;

    bool fits(const Session& session) const {
        const PrincipalRef& who = session.principal();
        if (tenant != TenantId{} && !(who && who->tenant == tenant)) return false;
        if (name && session.name() != *name) return false;
        return !principal || (who && who->name == *principal);
    }
    /// As the rest of a query.
    std::string text() const {
        std::string query;
        if (name) query += "&name=" + percent_encode(*name);
        if (principal) query += "&principal=" + percent_encode(*principal);
        return query;
    }
};

/// A page under way. It visits the cores one after the other and ends where its exchange lives.
struct Listing {
    std::shared_ptr<HttpExchange> exchange;
    Wanted wanted;
    std::size_t limit;
    std::uint16_t core;
    std::uint32_t slot;  ///< the first that may be shown
    Json rows = Json::array();
    bool complete = false;
};

template <class Number>
std::optional<Number> parse(const std::string& text, int base) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string hex(SessionId id) {
    std::string text(16, '0');
    const auto end = std::to_chars(text.data(), text.data() + text.size(), id.value, 16).ptr;
    text.resize(static_cast<std::size_t>(end - text.data()));
    return text;
}

/// Whether its client is here, and what waits for it: with the connection that it has, or for the next one.
void add_durable(Json& shown, const DurableSession& session) {
    shown["durable"] = true;
    shown["connected"] = !session.away();
    shown["queued"] = Json{{"messages", session.queue().size()}, {"bytes", session.queue().bytes()}};
}

Json row(const Session& session) {
    Json shown{{"id", hex(session.id())}, {"protocol", session.protocol()}};
    if (!session.name().empty()) shown["name"] = session.name();
    if (session.principal()) shown["principal"] = session.principal()->name;
    if (session.principal() && !session.principal()->tenant_name.empty()) shown["tenant"] = session.principal()->tenant_name;
    if (const auto* const durable = dynamic_cast<const DurableSession*>(&session)) add_durable(shown, *durable);
    return shown;
}

void collect(Listing& listing, SessionTable& sessions) {
    const std::uint32_t end = listing.slot + slots_at_a_time;
    for (; listing.slot < sessions.slot_count(); ++listing.slot) {
        if (listing.slot == end) return;
        const Session* const session = sessions.at(listing.slot);
        if (session == nullptr || !listing.wanted.fits(*session)) continue;
        if (listing.rows.size() == listing.limit) return;
        listing.rows.push_back(row(*session));
    }
    ++listing.core;
    listing.slot = 0;
}

void answer(Listing& listing) {
    Json page{{"sessions", listing.rows}};
    if (!listing.complete && !listing.rows.empty())
        page["next"] = "/v1/sessions?limit=" + std::to_string(listing.limit) + "&after=" + listing.rows.back()["id"].get<std::string>() + listing.wanted.text();
    listing.exchange->respond({200, "application/json", page.dump(-1, ' ', false, Json::error_handler_t::replace)});
}

void visit(Host& host, std::shared_ptr<Listing> listing) {
    if (listing->core >= host.core_count()) listing->complete = true;
    if (listing->complete || listing->rows.size() == listing->limit)
        return host.post(listing->exchange->core().id(), [listing](Core&) { answer(*listing); });
    host.post({listing->core}, [&host, listing](Core& core) {
        collect(*listing, core.sessions());
        visit(host, listing);
    });
}

std::string parameter(const HttpRequest& request, std::string_view name, std::string otherwise) {
    return request.parameter(name).value_or(std::move(otherwise));
}

}  // namespace

void list_sessions(Host& host, std::shared_ptr<HttpExchange> exchange, TenantId tenant) {
    const auto limit = parse<std::size_t>(parameter(exchange->request(), "limit", std::to_string(default_page)), 10);
    const auto after = parse<std::uint64_t>(parameter(exchange->request(), "after", "0"), 16);
    if (!limit || *limit == 0 || *limit > max_sessions_page)
        return exchange->respond(HttpResponse::problem(400, "bad_request", "'limit' is a number from 1 to 1000."));
    if (!after) return exchange->respond(HttpResponse::problem(400, "bad_request", "'after' is the id of a session, as a page shows it."));
    const SessionId last{*after};
    Wanted wanted{tenant, exchange->request().parameter("name"), exchange->request().parameter("principal")};
    visit(host,
          std::make_shared<Listing>(Listing{std::move(exchange), std::move(wanted), *limit, last.core().value, last.slot() + (last ? 1U : 0U)}));
}

}  // namespace junctor
