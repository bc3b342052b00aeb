#include "core/observe/message_log.hpp"

#include "core/observe/log.hpp"

namespace junctor {
namespace {

void write_to_log(const MessageLog::Entry& entry) {
    log_info("messages", "published",
             {{"protocol", std::string(entry.protocol)},
              {"session", std::string(entry.session)},
              {"principal", std::string(entry.principal)},
              {"topic", std::string(entry.topic)},
              {"bytes", std::to_string(entry.bytes)},
              {"outcome", std::string(to_string(entry.outcome))}});
}

}  // namespace

void MessageLog::sample(std::uint32_t every, Sink sink) {
    every_ = every;
    count_ = 0;
    sink_ = sink ? std::move(sink) : Sink(write_to_log);
}

}  // namespace junctor
