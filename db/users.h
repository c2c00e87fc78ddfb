#pragma once

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

/// An account of this server.
struct User {
    std::string jid = {};          ///< bare
    std::string credentials = {};  ///< opaque here: salted keys, as sasl/ serialises them
    bool disabled = false;
    Timestamp created_at{};
};

/// The accounts. All functions run inside a read or write job of the database.
class Users {
public:
    static const std::span<const Migration> migrations;

    [[nodiscard]] static std::optional<User> find(Connection& connection, std::string_view jid);
    /// The accounts of a domain in the order of their addresses, after `after`.
    [[nodiscard]] static std::vector<User> list(Connection& connection, std::string_view domain, std::string_view after,
                                                std::size_t limit);
    [[nodiscard]] static std::uint64_t count(Connection& connection, std::string_view domain);

    /// Whether there is such an account, or one whose name clients of RFC 6122 cannot tell from it: nodeprep() makes
    /// the same of both.
    [[nodiscard]] static bool is_taken(Connection& connection, std::string_view jid);
    /// Stores::add_account() is the one to call. @return  false: the name is taken
    static bool add(Connection& connection, std::string_view jid, std::string_view credentials, Timestamp now);
    /// Stores::set_password() is the one to call for a new password. @return  false: there is no such account
    static bool set_credentials(Connection& connection, std::string_view jid, std::string_view credentials);
    /// The same, unless they have become others meanwhile: for keys that are made anew from a password that was just
    /// shown (XEP-0480), which a change of the password must not lose against.
    static bool renew_credentials(Connection& connection, std::string_view jid, std::string_view before,
                                  std::string_view credentials);
    static bool set_disabled(Connection& connection, std::string_view jid, bool disabled);
    /// Only the account itself; Stores::remove_account() removes everything it owns.
    static bool remove(Connection& connection, std::string_view jid);
};

}  // namespace aldis::db
