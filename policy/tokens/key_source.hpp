#pragma once

#include <functional>

#include "core/base/ids.hpp"
#include "policy/jose/key_set.hpp"

namespace junctor {

/// Where the keys of one issuer come from. Called on any core, possibly on several at once; destroyed on any thread.
class KeySource {
public:
    virtual ~KeySource() = default;

    /// Once, on the main thread: begins what goes on by itself.
    virtual void start() {}
    /// Those that count now; null: none.
    virtual jose::KeySetPtr keys() const = 0;
    /// A token names a key that is not in `than` (null: there were none): `done` is called once on `core`, from within this call or
    /// later, when there are newer keys or there will be none soon.
    virtual void renew(CoreId core, jose::KeySetPtr than, std::function<void()> done) = 0;
};

/// Keys that the configuration holds.
class FixedKeys final : public KeySource {
public:
    explicit FixedKeys(jose::KeySet keys) : keys_(std::make_shared<const jose::KeySet>(std::move(keys))) {}

    jose::KeySetPtr keys() const override { return keys_; }
    void renew(CoreId, jose::KeySetPtr, std::function<void()> done) override { done(); }

private:
    jose::KeySetPtr keys_;
};

}  // namespace junctor
