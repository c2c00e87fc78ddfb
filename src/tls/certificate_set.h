#pragma once

#include <string>
#include <vector>

#include "tls/context.h"
#include "tls/openssl.h"
#include "tls/ticket_keys.h"

namespace aldis::tls {

/// What Context holds at one time; a Stream keeps the one that it began with.
struct Context::Set {
    struct Domain {
        std::string name;
        std::vector<KeyPair> pairs;
        bool asks_clients = false;                // for a certificate
        std::vector<CertificatePtr> authorities;  // for those of clients
        std::vector<ContextPtr> contexts;         // one per shard
    };
    std::vector<Domain> domains;
    mutable TicketKeys tickets;  // of its own: a ticket must not outlive the certificate that it vouches for

    /// Exact name, then wildcard, then what a certificate says of itself, then the first domain.
    [[nodiscard]] const Domain& find(std::string_view name) const;
};

/// The context of one domain for one shard, with `domain`'s certificates.
[[nodiscard]] ContextPtr make_server_context(const Context::Set::Domain& domain);

}  // namespace aldis::tls
