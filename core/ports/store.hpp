#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"

namespace junctor {

/// Changes that one core made in one round: they become durable together, or not at all.
class StoreBatch {
public:
    /// A message whose changes stand in the batches of `parts` cores, this one among them.
    struct Joint {
        std::uint64_t transaction;  ///< unique among those under way
        std::uint16_t parts;
    };

    void put(Bytes key, Bytes value);
    void erase(Bytes key);
    /// All keys from `from` to before `to`.
    void erase_range(Bytes from, Bytes to);
    /// This batch becomes durable together with those batches of the other cores that name the same transaction.
    void join(Joint joint) { joints_.push_back(joint); }

    bool empty() const noexcept { return bytes_.empty() && joints_.empty(); }
    std::size_t size() const noexcept { return bytes_.size(); }
    const std::vector<Joint>& joints() const noexcept { return joints_; }

    /// Who replays the changes, in the order in which they were made.
    class Visitor {
    public:
        virtual void put(Bytes key, Bytes value) = 0;
        virtual void erase(Bytes key) = 0;
        virtual void erase_range(Bytes from, Bytes to) = 0;

    protected:
        ~Visitor() = default;
    };
    void replay(Visitor& visitor) const;

private:
    enum class Change : std::uint8_t { put, erase, erase_range };
    void write(Change change, Bytes first, Bytes second);

    ByteBuffer bytes_;
    std::vector<Joint> joints_;
};

/// Durable state: an ordered map from keys to values that changes in batches. Knows nothing of what it keeps (core/store does).
///
/// Batches of one core become durable in the order of their submission; several go in one group. What cannot be written now (a full
/// disk) is kept and tried again, and `accepts` says no meanwhile: callers refuse what they would have to store.
class Store {
public:
    /// So many batches of that core are durable by now, counted from the start. Called on a thread of the store's.
    using Committed = std::function<void(CoreId core, std::uint64_t batches)>;

    virtual ~Store() = default;

    /// Everything stored, in the order of the keys; before `start`, on the calling thread. Views live only during the call.
    virtual void load(const std::function<void(Bytes key, Bytes value)>& each) = 0;
    /// From here on batches may come. Once.
    virtual void start(std::uint16_t cores, Committed committed) = 0;
    /// Writes what was submitted, as far as possible, and ends. No batch may come after it.
    virtual void stop() noexcept = 0;

    /// From that core's thread; never blocks. Not empty.
    virtual void submit(CoreId from, StoreBatch&& batch) noexcept = 0;
    /// False while writing fails or too much waits to be written. From any thread.
    virtual bool accepts() const noexcept = 0;
};

}  // namespace junctor
