#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/clients.h"
#include "stanza/stanza.h"
#include "xep/xep0494_client_access.h"

/// The clients of an account as their owner sees them: XEP-0494. No side effects.
namespace aldis::modules::client_access {

/// A session that there is.
struct Live {
    std::string client;  ///< the id of its user agent; empty: it has none
    std::string resource;
    bool by_password = true;  ///< it has shown the password, or may have
};

/// What a session whose client does not say who it is has for an id: no user agent's, which are UUIDs.
[[nodiscard]] std::string id_of_resource(std::string_view resource);

[[nodiscard]] xep::cam::Clients listed(std::span<const db::Client> known, std::span<const Live> live, Timestamp now);

/// What becomes of the wish to keep a client out.
enum class Revocation : std::uint8_t {
    done,
    unknown,
    knows_password,  ///< "there is no way to revoke access except by changing the user's password"
    certificate,     ///< it comes in by one, which is revoked elsewhere (XEP-0257)
    failed,
};
[[nodiscard]] Revocation fate_of(std::string_view id, const std::optional<db::Client>& known,
                                 std::span<const Live> live);

/// @param result  what would have been sent if it had been done
[[nodiscard]] Iq refusal(const Iq& result, Revocation revocation);

}  // namespace aldis::modules::client_access
