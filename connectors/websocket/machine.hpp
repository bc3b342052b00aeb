#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/websocket/codec.hpp"
#include "core/base/ids.hpp"
#include "core/model/errc.hpp"
#include "core/model/history_page.hpp"

namespace junctor::websocket {

/// The protocol's rules on the gateway's side: which frame may come when, and which answers go with which ids.
/// Frames in, steps and answers out; knows no stream, gate or clock. Answers are appended as whole frames, one each.
class Machine {
public:
    /// What the caller has to do for a frame, under the token that names it in `settled` and `answered`.
    struct Step {
        enum class What : std::uint8_t { nothing, authenticate, name_session, end_session, acknowledge, publish, request, subscribe, unsubscribe, history };

        What what = What::nothing;
        Token token;
        Operation operation;  ///< views of the frame and the decoder
    };

    /// Takes a frame: returns what to do, or appends the answer that it has at once. The outcome of what is to be done may be
    /// reported from now on; `done` must follow, while the frame is still there, when the caller has done it.
    Step frame(std::string_view text, OperationDecoder& decoder, ByteBuffer& answer) noexcept;
    /// Keeps the id of a step that has not been settled.
    void done() noexcept;

    /// The end of a step: an acknowledgement, or an error, for whoever gave an id. Errors are told in any case.
    void settled(Token token, Errc code, std::string_view reason, ByteBuffer& answer) noexcept;
    /// Ends of an `auth`: the client has to answer this first, or it is known; perhaps with a last word for it.
    void challenged(Token token, Bytes data, ByteBuffer& answer) noexcept;
    void authenticated(Token token, Bytes data, ByteBuffer& answer) noexcept;
    /// The end of `session`: it is open, with or without what was kept.
    void opened(Token token, bool resumed, ByteBuffer& answer) noexcept;
    /// The end of a subscribe that begins in a history: it is in force, and so much of what was asked is there.
    void subscribed(Token token, const HistoryOutcome& outcome, ByteBuffer& answer) noexcept;
    /// The end of `history`.
    void history_read(Token token, const HistoryPage& page, TimePoint now, ByteBuffer& answer) noexcept;
    /// The answer to a request.
    void answered(Token token, const Message& message, ByteBuffer& answer) noexcept;

    /// Steps other than requests that wait for their end: the measure for taking no more frames.
    std::size_t waiting() const noexcept { return waiting_; }
    /// What was wrong with the latest frame, if anything was.
    std::optional<FaultKind> fault() const noexcept { return fault_; }

private:
    struct Pending {
        Token token;
        std::string id;
        bool request;
    };

    Step begin(Step::What what, const Operation& operation) noexcept;
    bool take(Token token, std::string& id) noexcept;

    bool started_ = false;  ///< a frame has come
    std::optional<FaultKind> fault_;
    std::uint32_t waiting_ = 0;
    std::uint64_t last_token_ = 0;
    bool current_open_ = false;     ///< the step of the present frame has not been settled
    bool current_request_ = false;
    std::string_view current_id_;
    std::unique_ptr<std::vector<Pending>> pending_;  ///< allocated when first used
};

/// Appends `{"op":"error",...}`; `id` as written, or empty.
void append_error(ByteBuffer& to, std::string_view id, std::string_view code, std::string_view reason);

}  // namespace junctor::websocket
