#pragma once

#include <memory>

#include "core/ports/http.hpp"

namespace junctor::web {

/// Reads one answer of a server, however it arrives; a body may be taken while it still comes. Sans-I/O.
class ResponseReader {
public:
    static constexpr std::size_t max_body = 256U << 20;

    /// What is read of one answer at most, in bytes.
    struct Limits {
        std::uint32_t head = 1U << 20;
        std::size_t body = max_body;
        bool bodiless = false;  ///< the answer to a HEAD: its length is not that of a body
    };

    ResponseReader() : ResponseReader(Limits()) {}
    explicit ResponseReader(const Limits& limits);
    ~ResponseReader();
    ResponseReader(ResponseReader&&) noexcept;
    ResponseReader& operator=(ResponseReader&&) noexcept;

    /// Returns how many bytes were consumed; what is left behind a complete answer is not part of it.
    std::size_t read(Bytes bytes);
    /// The server has closed: the end of an answer without a length.
    void end_of_stream();

    bool head_complete() const noexcept;
    bool complete() const noexcept;
    /// Not HTTP, or larger than the limits.
    bool failed() const noexcept { return failed_; }
    bool too_large() const noexcept { return too_large_; }
    /// May the connection serve another request afterwards?
    bool keep_alive() const noexcept;

    /// Status and headers, once the head is complete.
    HttpResponse head() const;
    /// What has arrived of the body since the last call.
    ByteBuffer take_body();

private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
    bool failed_ = false;
    bool too_large_ = false;
    bool starved_ = false;  ///< the parser has looked at the beginning of a chunk and wants more of it
};

}  // namespace junctor::web
