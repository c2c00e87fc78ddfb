#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace aldis::db {

/// Why the database did not do what it was asked for.
enum class Fault : std::uint8_t {
    queue_full,  ///< too much is waiting already; try later
    closed,      ///< the database is shutting down
    disk_full,   ///< no space left, or a limit of the file system
    io,          ///< the disk failed
    busy,        ///< another process holds the database for too long
    constraint,  ///< a row contradicts another one
    corrupt,     ///< the file is no database, or a broken one
    newer,       ///< the file was written by a newer release
    other,
};

/// A failure of the store. The text is for the log; a peer sees <internal-server-error/> or <resource-constraint/>.
class Error : public std::runtime_error {
public:
    Error(Fault fault, const std::string& text) : std::runtime_error{text}, fault_{fault} {}

    [[nodiscard]] Fault fault() const noexcept { return fault_; }
    /// The fault is the disk's and no statement's: trying the same in smaller pieces is no use.
    [[nodiscard]] bool of_disk() const noexcept {
        return fault_ == Fault::disk_full || fault_ == Fault::io || fault_ == Fault::busy || fault_ == Fault::corrupt;
    }

private:
    Fault fault_;
};

}  // namespace aldis::db
