#pragma once

#include <openssl/crypto.h>

#include <memory>
#include <string>
#include <string_view>

namespace junctor {

/// A secret that has to be kept for later; its memory is wiped when the last one who keeps it lets go.
class SecretText {
public:
    explicit SecretText(std::string_view text) : text_(text) {}
    ~SecretText() { OPENSSL_cleanse(text_.data(), text_.size()); }
    SecretText(const SecretText&) = delete;
    SecretText& operator=(const SecretText&) = delete;

    std::string_view text() const noexcept { return text_; }

private:
    std::string text_;
};

using SecretTextPtr = std::shared_ptr<const SecretText>;

}  // namespace junctor
