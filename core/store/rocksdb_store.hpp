#pragma once

#include <memory>
#include <optional>

#include "core/ports/store.hpp"
#include "core/store/store_loss.hpp"
#include "core/store/store_options.hpp"

namespace junctor {

class Metrics;

/// The store on RocksDB. One thread writes: all batches that wait go in one group, with one sync, while the next ones gather.
///
/// While writing fails (a full disk, an error of the device) the group is kept and tried again, `accepts` says no, and the log says so
/// once; it recovers by itself. Order of use, on the main thread: construct, `open`, `load`, `start`, ..., `stop`.
class RocksdbStore final : public Store {
public:
    /// Touches no file.
    explicit RocksdbStore(StoreOptions options);
    /// Stops.
    ~RocksdbStore();

    /// Throws SetupError. Damage is mended, logged and told by `loss`.
    void open();
    const std::optional<StoreLoss>& loss() const noexcept;

    void load(const std::function<void(Bytes key, Bytes value)>& each) override;
    void start(std::uint16_t cores, Committed committed) override;
    void stop() noexcept override;
    void submit(CoreId from, StoreBatch&& batch) noexcept override;
    bool accepts() const noexcept override;

    /// Why writing fails at present; empty: it does not. From any thread.
    std::string failure() const;
    const std::filesystem::path& dir() const noexcept;
    /// For `prometheus_text`, beside the cores'.
    const Metrics& metrics() const noexcept;

private:
    class Writer;
    std::unique_ptr<Writer> writer_;
};

}  // namespace junctor
