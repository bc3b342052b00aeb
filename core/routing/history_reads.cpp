#include "core/routing/history_reads.hpp"

namespace junctor {

void HistoryReads::ask(HistoryQuestion question, Done done) {
    const std::uint16_t rule = histories_.rules().keeper_of(question.filter);
    if (rule == 0 || histories_.leads(rule)) return done(histories_.read(question));
    waiting_.emplace(++last_number_, std::move(done));
    Mail mail;
    mail.what = Mail::What::history_asked;
    mail.from = core_.id();
    mail.token = {last_number_};
    mail.history = std::make_unique<HistoryMail>();
    mail.history->question = std::move(question);
    core_.mailbox().post(histories_.home_of(rule), std::move(mail));
}

void HistoryReads::receive_question(Mail&& mail) {
    mail.history->page = histories_.read(mail.history->question);
    mail.what = Mail::What::history_read;
    core_.mailbox().post(std::exchange(mail.from, core_.id()), std::move(mail));
}

void HistoryReads::receive_page(Mail&& mail) {
    const auto asked = waiting_.extract(mail.token.value);
    if (!asked.empty()) asked.mapped()(std::move(mail.history->page));
}

}  // namespace junctor
