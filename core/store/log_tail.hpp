#pragma once

#include <filesystem>

namespace junctor {

/// RocksDB's write-ahead log at its end: 32 KiB blocks of records with a checksum, a length and a type in front ("Write Ahead Log File
/// Format"). The checksum does not cover the length. A record whose length reaches beyond the file looks like one that a crash has cut
/// short, and RocksDB drops it without a word; when its checksum fits what is there, it is whole and its length alone was damaged.

/// The log's last record is of that kind. A file that cannot be read is not: RocksDB says so itself.
bool ends_in_damaged_length(const std::filesystem::path& log);

/// Writes the length that fits.
void mend_last_length(const std::filesystem::path& log);

}  // namespace junctor
