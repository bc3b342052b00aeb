#pragma once

#include <string>
#include <vector>

#include "tests/simulation/checker/reading.hpp"

namespace junctor::simulation {

using Sentences = std::vector<std::string>;

// One promise each; what breaks it is added to `broken`, a sentence for each time.

/// Nothing arrives that nobody sent, asked for, or may have.
void check_expected(const Reading& reading, Sentences& broken);
/// One copy for each session, and for a durable one at QoS 2 exactly one in all of its life.
void check_copies(const Reading& reading, Sentences& broken);
/// Per publisher session and topic, first in, first out; never an older retained value after a newer one.
void check_order(const Reading& reading, Sentences& broken);
/// What was taken reaches everybody whose subscription was confirmed before, and who stayed.
void check_delivered(const Reading& reading, Sentences& broken);
/// What was taken for a group reaches one member.
void check_groups(const Reading& reading, Sentences& broken);
/// `send` reaches one.
void check_sends(const Reading& reading, Sentences& broken);
/// Who reads goes without nothing: a message is dropped only for a client for whose queue others have waited for half a second.
void check_drops(const Reading& reading, Sentences& broken);
/// Who is connected when the gateway is asked to end hears so in the words of its protocol.
void check_goodbyes(const Reading& reading, Sentences& broken);
/// A request has one outcome, its own.
void check_requests(const Reading& reading, Sentences& broken);
/// A name has one session.
void check_names(const Reading& reading, Sentences& broken);

}  // namespace junctor::simulation
