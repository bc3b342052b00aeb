#pragma once

#include <filesystem>
#include <string>

namespace junctor {

/// The directory of a store: `db` holds what is in use, `db.rebuilt` what a rebuilding has written so far, `db.replaced` what it takes the
/// place of, `damaged-<time>` what was found
/// damaged and is kept for people. Only its owner may look into it. Throws SetupError with a sentence for people.
class StoreDirectory {
public:
    explicit StoreDirectory(std::filesystem::path root) : root_(std::move(root)) {}

    /// Makes it, and completes a rebuilding that a crash interrupted when it was as good as done.
    void prepare() const;

    std::filesystem::path database() const { return root_ / "db"; }
    std::filesystem::path rebuilt() const { return root_ / "db.rebuilt"; }

    /// Copies the database aside, under a name that it answers.
    std::filesystem::path keep_damaged() const;
    /// The rebuilt database takes the place of the other.
    void adopt_rebuilt() const;

    /// The process that has the database open, as `junctor (process 1234)`; empty where that cannot be seen.
    std::string holder() const;

private:
    std::filesystem::path replaced() const { return root_ / "db.replaced"; }

    std::filesystem::path root_;
};

}  // namespace junctor
