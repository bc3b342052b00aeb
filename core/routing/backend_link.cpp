#include "core/routing/backend_link.hpp"

#include <cassert>

namespace junctor {
namespace {

/// The gateway's own topics stay in it.
bool crosses(const TopicFilter& filter) noexcept { return !filter.text().starts_with('$'); }

}  // namespace

BackendLink::BackendLink(Core& core, Terms terms, std::unique_ptr<Backend> remote) : core_(core), terms_(std::move(terms)) {
    assert((remote != nullptr) == (core.id() == terms_.home));
    if (remote) home_ = std::make_unique<BackendHome>(core, std::move(remote));
}

void BackendLink::launch(std::function<void(std::function<void()>)> post, Outbound* outbound) {
    if (home_) home_->launch({core_, terms_.gateway, terms_.lasting, std::move(post), outbound, {}});
}

BackendTraits BackendLink::traits() const noexcept {
    BackendTraits traits = terms_.traits;
    traits.on_every_core = true;
    return traits;
}

void BackendLink::start(BackendSink& sink, const BackendPlace&) {
    sink_ = &sink;
    if (home_) home_->start(sink);
    sink.available(false);
}

void BackendLink::stop() noexcept {
    if (home_) home_->stop();
}

void BackendLink::publish(const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    if (home_) return home_->publish(core_.id(), envelope, ticket);
    Mail mail;
    mail.what = Mail::What::backend_publish;
    mail.from = core_.id();
    mail.envelope = envelope;
    mail.session = ticket.session;
    mail.token = ticket.token;
    core_.mailbox().post(terms_.home, std::move(mail));
}

bool BackendLink::pass_on(const TopicFilter& group, const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    if (home_) return home_->pass_on(core_.id(), group, envelope, ticket);
    Mail mail;
    mail.what = Mail::What::backend_pass_on;
    mail.from = core_.id();
    mail.tenant = group.tenant();
    mail.text = std::make_unique<std::string>(group.canonical());
    mail.envelope = envelope;
    mail.session = ticket.session;
    mail.token = ticket.token;
    core_.mailbox().post(terms_.home, std::move(mail));
    return true;
}

void BackendLink::receive_pass_on(const Mail& mail) noexcept {
    if (home_->pass_on(mail.from, TopicFilter::trusted(mail.tenant, *mail.text), mail.envelope, {mail.session, mail.token})) return;
    Mail answer;
    answer.what = Mail::What::backend_taken;
    answer.code = Errc::no_receivers;
    answer.from = core_.id();
    answer.session = mail.session;
    answer.token = mail.token;
    core_.mailbox().post(mail.from, std::move(answer));
}

void BackendLink::subscribe(const TopicFilter& filter, std::string_view group) noexcept {
    if (!crosses(filter)) return sink_->subscribed(filter, group, Errc::ok);
    home_ ? home_->subscribe(core_.id(), filter) : post(Mail::What::backend_interest, filter);
}

void BackendLink::unsubscribe(const TopicFilter& filter, std::string_view) noexcept {
    if (!crosses(filter)) return;
    home_ ? home_->unsubscribe(core_.id(), filter) : post(Mail::What::backend_no_interest, filter);
}

void BackendLink::recall() noexcept {
    if (home_) return home_->recall();
    Mail mail;
    mail.what = Mail::What::backend_recall;
    mail.from = core_.id();
    core_.mailbox().post(terms_.home, std::move(mail));
}

void BackendLink::post(Mail::What what, const TopicFilter& filter) {
    Mail mail;
    mail.what = what;
    mail.from = core_.id();
    mail.tenant = filter.tenant();
    mail.text = std::make_unique<std::string>(filter.canonical());
    core_.mailbox().post(terms_.home, std::move(mail));
}

void BackendLink::receive(Mail&& mail) noexcept {
    const auto filter = [&mail] { return TopicFilter::trusted(mail.tenant, *mail.text); };
    switch (mail.what) {
    case Mail::What::backend_publish: return home_->publish(mail.from, mail.envelope, {mail.session, mail.token});
    case Mail::What::backend_pass_on: return receive_pass_on(mail);
    case Mail::What::backend_interest: return home_->subscribe(mail.from, filter());
    case Mail::What::backend_no_interest: return home_->unsubscribe(mail.from, filter());
    case Mail::What::backend_recall: return home_->recall();
    case Mail::What::backend_state: return sink_->available(mail.count != 0);
    case Mail::What::backend_confirmed: {
        const TopicFilter confirmed = filter();
        return sink_->subscribed(confirmed, confirmed.group(), mail.code);
    }
    case Mail::What::backend_taken: {
        const BackendReceipt receipt{{mail.session, mail.token}, mail.code, mail.count};
        return sink_->taken({&receipt, 1});
    }
    default: return;
    }
}

}  // namespace junctor
