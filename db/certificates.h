#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "db/connection.h"
#include "db/migration.h"

namespace aldis::db {

/// A certificate with which its owner, or a bot of his, logs in by SASL EXTERNAL: XEP-0257.
struct Certificate {
    std::string name = {};         ///< unique for its owner
    std::string der = {};          ///< bytes
    std::string fingerprint = {};  ///< SHA-256 of `der`: 32 bytes
    bool no_management = false;    ///< who logs in with it may not change the list
    Timestamp added{};
};

/// The certificates of accounts. Owners are bare JIDs. All functions run inside a read or write job of the database.
class Certificates {
public:
    static const std::span<const Migration> migrations;
    static constexpr std::size_t limit = 20;            ///< per account
    static constexpr std::size_t largest = 16 * 1'024;  ///< bytes of one
    static constexpr std::size_t longest_name = 256;    ///< bytes

    enum class Added : std::uint8_t {
        yes,
        name_taken,  ///< or the account has the same certificate under another name
        too_many,
        too_large,  ///< it or its name
    };

    /// The one with this fingerprint in this account.
    [[nodiscard]] static std::optional<Certificate> find(Connection& connection, std::string_view owner,
                                                         std::string_view fingerprint);
    /// Whose it is, for a client that does not say who it is. The first `at_most` bare JIDs in `domain`.
    [[nodiscard]] static std::vector<std::string> owners(Connection& connection, std::string_view domain,
                                                         std::string_view fingerprint, std::size_t at_most = 2);
    /// In the order of names.
    [[nodiscard]] static std::vector<Certificate> list(Connection& connection, std::string_view owner);

    static Added add(Connection& connection, std::string_view owner, const Certificate& certificate);
    /// @return  what it was: whoever is logged in with it may have to go; nothing: there is none of this name
    static std::optional<Certificate> remove(Connection& connection, std::string_view owner, std::string_view name);
    /// @return  how many there were
    static std::uint64_t remove_owner(Connection& connection, std::string_view owner);
};

}  // namespace aldis::db
