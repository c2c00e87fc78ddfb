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

/// What a client may do with its account: XEP-0494. The values are those in the database.
enum class Permission : std::uint8_t { unrestricted = 0, normal = 1, restricted = 2 };

/// A piece of software that has access to an account: XEP-0494.
struct Client {
    std::string id = {};  ///< of its user-agent (XEP-0388), or one that the server has made up
    std::string software = {};
    std::string uri = {};
    std::string device = {};
    std::string address = {};    ///< where it logged in from last
    std::string mechanism = {};  ///< and how
    Timestamp first_seen{};
    Timestamp last_seen{};
    /// It has shown the password that is valid now: it cannot be kept out but by a new one.
    bool password = false;
    Permission permission = Permission::unrestricted;
    /// When the last of its FAST tokens ends, which may have happened; nothing: it has none.
    std::optional<Timestamp> token_expires = {};
};

/// A client that has logged in, or does so still.
struct ClientSeen {
    std::string_view id = {};
    std::string_view software = {};  ///< these three: empty is not known, and what was known stays
    std::string_view uri = {};
    std::string_view device = {};
    std::string_view address = {};    ///< empty: not kept, and what was kept stays
    std::string_view mechanism = {};  ///< empty: as before
    Timestamp at{};
    bool password = false;  ///< it has shown the password; once is enough
    Permission permission = Permission::unrestricted;
};

/// A token of XEP-0484. HT-SHA-256 proves the knowledge of it by an HMAC whose key it is, so it must be kept as it is,
/// as good as a password for as long as it lives: it never leaves this struct for a log or a list of clients.
struct ClientToken {
    std::string secret = {};
    std::string mechanism = {};  ///< the only one it is good for
    Timestamp issued{};
    Timestamp expires{};
    std::optional<std::uint32_t> count = {};  ///< the largest that was used with it
};

/// XEP-0484 "Server-side handling of multiple active tokens".
struct ClientTokens {
    std::optional<ClientToken> offered = {};  ///< the "new" slot: the client may never have got it. Try it first
    std::optional<ClientToken> current = {};
};

/// The clients of all accounts, and their tokens. Owners are bare JIDs. All functions run inside a read or write job of
/// the database.
class Clients {
public:
    static const std::span<const Migration> migrations;
    static constexpr std::size_t limit = 50;          ///< per account; beyond it, who was not seen longest is forgotten
    static constexpr std::size_t longest_text = 256;  ///< bytes, of what clients say about themselves; cut beyond it

    [[nodiscard]] static std::optional<Client> find(Connection& connection, std::string_view owner,
                                                    std::string_view id);
    /// Who was seen last comes first.
    [[nodiscard]] static std::vector<Client> list(Connection& connection, std::string_view owner);
    /// Secrets: for a login, and for nothing else.
    [[nodiscard]] static ClientTokens tokens(Connection& connection, std::string_view owner, std::string_view id);

    /// Adds the client or brings it up to date.
    static void touch(Connection& connection, std::string_view owner, const ClientSeen& seen);
    /// A client that goes: `last_seen` is now.
    static void touch(Connection& connection, std::string_view owner, std::string_view id, Timestamp at);

    /// Puts a token into the "new" slot; one there, which nobody has used, is no longer valid.
    /// @return  false: there is no such client (any more)
    static bool offer_token(Connection& connection, std::string_view owner, std::string_view id,
                            const ClientToken& token);
    /// A client has proved that it knows this token. From now on it is the current one, and earlier ones are not valid.
    /// @param count  of <fast/>; must be larger than all before it
    /// @return       false: it was used with that count already, or has been revoked since tokens() found it: the login
    ///               must fail
    static bool use_token(Connection& connection, std::string_view owner, std::string_view id, std::string_view secret,
                          std::optional<std::uint32_t> count);
    /// Both slots: XEP-0484 "Client requests token invalidation".
    static void remove_tokens(Connection& connection, std::string_view owner, std::string_view id);
    /// The password is another one: no token is valid any more, and nobody has shown it, except `id` if there is one.
    /// Stores::set_password() calls it.
    static void remove_all_tokens(Connection& connection, std::string_view owner, std::string_view id = {});

    /// The client with its tokens. @return  false: there is no such client
    static bool remove(Connection& connection, std::string_view owner, std::string_view id);
    /// @return  how many there were
    static std::uint64_t remove_owner(Connection& connection, std::string_view owner);
    /// Deletes up to `at_most` clients that were not seen since `cutoff`, and as many tokens that have ended before
    /// `now`.
    /// @return  the larger number of the two: call again while it is `at_most`
    static std::size_t purge(Connection& connection, Timestamp cutoff, Timestamp now, std::size_t at_most);
};

}  // namespace aldis::db
