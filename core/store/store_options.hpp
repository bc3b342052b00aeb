#pragma once

#include <filesystem>

#include "core/base/clock.hpp"

namespace rocksdb {
class Env;
}

namespace junctor {

/// When a batch counts as durable.
enum class Durability : std::uint8_t {
    fsync,  ///< the disk has it: it survives a power cut
    os,     ///< the operating system has it: it survives the end of the process
};

struct StoreOptions {
    std::filesystem::path dir;  ///< made if it is not there
    Durability durability = Durability::fsync;
    std::size_t most_waiting = 64 << 20;                     ///< bytes not yet written above which nothing more is accepted
    Duration retry_interval = std::chrono::seconds(1);       ///< between two attempts while writing fails
    rocksdb::Env* env = nullptr;                             ///< for tests that make the disk fail; null: the real one
};

}  // namespace junctor
