#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

#include "jid/jid.h"

namespace aldis::router {

enum class Kind : std::uint8_t {
    server,   ///< a domain that is served here
    account,  ///< an account of such a domain
    service,  ///< a service of such a domain, or an address of it
    remote,   ///< everything else
};

struct Destination {
    Kind kind;
    unsigned shard = 0;  ///< of an account, or an address of a service: its home
};

/// The one place that knows where an address lives. Immutable once the server runs, so every shard may ask it.
class Router {
public:
    Router(unsigned shards, const std::vector<std::string>& domains)
        : shards_{shards}, domains_{domains.begin(), domains.end()} {}

    /// Before the server runs: `domain` is a service.
    void add_service(std::string domain) { services_.insert(std::move(domain)); }

    [[nodiscard]] Destination find(const Jid& address) const {
        if (!domains_.contains(address.domain())) {
            if (services_.contains(address.domain())) return {Kind::service, home_of(address)};
            return {Kind::remote};
        }
        if (!address.has_local()) return {Kind::server};
        return {Kind::account, home_of(address)};
    }
    /// The shard on which everything about this account is decided.
    [[nodiscard]] unsigned home_of(const Jid& account) const {
        return shards_ == 1 ? 0 : static_cast<unsigned>(account.home_hash() % shards_);
    }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    unsigned shards_;
    std::unordered_set<std::string, Hash, std::equal_to<>> domains_;
    std::unordered_set<std::string, Hash, std::equal_to<>> services_;
};

}  // namespace aldis::router
