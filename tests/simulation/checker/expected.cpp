#include "tests/simulation/checker/rules.hpp"

namespace junctor::simulation {
namespace {

void check(const Reading& reading, const Arrival& arrival, Sentences& broken) {
    const std::size_t number = reading.number_of(arrival);
    const std::string told = reading.told(arrival);
    if (number == Reading::unknown) return broken.push_back("nobody sent " + told);
    const Publication& sent = reading.history().publications[number];
    const Life& publisher = reading.life_of(sent.life);
    const Life& receiver = reading.life_of(arrival.life);
    if (sent.topic != arrival.topic) broken.push_back("another topic than " + sent.topic + ": " + told);
    if (arrival.qos > sent.qos) broken.push_back("a higher QoS than sent: " + told);
    if (receiver.carries_type && arrival.content_type != sent.content_type) broken.push_back("another content type: " + told);
    if (reading.copies(arrival, sent) == 0) broken.push_back("no subscription for " + told);
    const Verb asked = sent.kind == Kind::request ? Verb::request : Verb::publish;
    if (!reading.allowed_sometime(sent.sent, arrival.at, publisher.principal, asked, sent.topic)) broken.push_back("must not be sent: " + told);
    if (!reading.allowed_sometime(sent.sent, arrival.at, receiver.principal, Verb::receive, arrival.topic)) broken.push_back("must not be received: " + told);
}

}  // namespace

void check_expected(const Reading& reading, Sentences& broken) {
    for (const Arrival& arrival : reading.history().arrivals) check(reading, arrival, broken);
}

}  // namespace junctor::simulation
