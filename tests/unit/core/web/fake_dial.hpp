#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/ports/client.hpp"
#include "core/web/http_client.hpp"

namespace junctor::web {

/// Connections whose other end is a script: what each gives back in order, piece by piece; then it is closed or silent.
class FakeDial {
public:
    struct Script {
        std::deque<std::string> pieces;
        bool closes = true;
        std::string sent;
    };

    /// The script of the next connection; valid as long as this.
    Script& add(std::deque<std::string> pieces, bool closes = false) {
        scripts_.push_back(std::make_unique<Script>(Script{std::move(pieces), closes, {}}));
        return *scripts_.back();
    }

    Dial dial() {
        return [this](const BlockingStream::Options& options) -> std::unique_ptr<BlockingStream> {
            if (next_ == scripts_.size()) throw ClientError("cannot connect to " + options.host);
            return std::make_unique<Wire>(*scripts_[next_++]);
        };
    }

    std::size_t connections() const noexcept { return next_; }

private:
    struct Wire final : BlockingStream {
        explicit Wire(Script& script) : script_(script) {}
        void send(Bytes bytes) override { script_.sent += as_text(bytes); }
        std::size_t receive(std::span<std::uint8_t> into, Duration wait) override {
            if (wait == Duration::zero() && !script_.closes) return 0;
            if (script_.pieces.empty() && script_.closes) throw ClientError("closed");
            if (script_.pieces.empty()) return 0;
            std::string& piece = script_.pieces.front();
            const std::size_t count = std::min(into.size(), piece.size());
            std::copy_n(piece.begin(), count, into.begin());
            piece.erase(0, count);
            if (piece.empty()) script_.pieces.pop_front();
            return count;
        }
        Script& script_;
    };

    std::vector<std::unique_ptr<Script>> scripts_;
    std::size_t next_ = 0;
};

}  // namespace junctor::web
