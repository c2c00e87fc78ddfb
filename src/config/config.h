#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "config/checks.h"
#include "config/fields.h"

namespace aldis {

constexpr auto enum_names(Level /*tag*/) {
    using enum Level;
    return std::array{config::Named{"error", error}, config::Named{"warn", warn}, config::Named{"info", info},
                      config::Named{"debug", debug}, config::Named{"trace", trace}};
}
constexpr auto enum_names(LogFormat /*tag*/) {
    return std::array{config::Named{"text", LogFormat::text}, config::Named{"json", LogFormat::json}};
}

}  // namespace aldis

namespace aldis::config {

using std::chrono::minutes;
using std::chrono::seconds;

struct Server {
    std::uint32_t shards = 0;
    std::filesystem::path data_dir = {};      ///< never empty once loaded
    std::filesystem::path admin_socket = {};  ///< never empty once loaded
    seconds shutdown_timeout{4};

    static constexpr auto fields = config::fields(
        field<&Server::shards>("shards", at_most(256),
                               doc("Threads that serve connections; 0 starts one per core that the process may use.")),
        field<&Server::data_dir>(
            "data_dir", default_text("`/var/lib/aldis` if it can be written, else `~/.local/share/aldis`"),
            doc("Where the database, the certificates and the admin socket are, unless told otherwise.")),
        field<&Server::admin_socket>("admin_socket", checked(check_socket_path), default_text("`data_dir`/admin.sock"),
                                     doc("The socket by which `aldis user` reaches the running server.")),
        field<&Server::shutdown_timeout>("shutdown_timeout", between(seconds{0}, seconds{60}),
                                         doc("How long SIGTERM lets streams close before they are cut.")));
};

struct LogConfig {
    Level level = Level::info;
    LogFormat format = LogFormat::text;
    std::map<std::string, Level> areas = {};

    [[nodiscard]] LogSettings settings() const { return {.level = level, .format = format, .areas = areas}; }

    static constexpr auto fields = config::fields(
        field<&LogConfig::level>("level", on_reload(), doc("How much is written to stderr.")),
        field<&LogConfig::format>("format", on_reload(), doc("One event per line, for people or for machines.")),
        field<&LogConfig::areas>("areas", on_reload(), doc("Levels that differ by area, such as `auth = \"debug\"`.")));
};

/// XEP-0157: whom to turn to, as URIs.
struct Contact {
    std::vector<std::string> abuse = {};
    std::vector<std::string> admin = {};
    std::vector<std::string> feedback = {};
    std::vector<std::string> sales = {};
    std::vector<std::string> security = {};
    std::vector<std::string> status = {};
    std::vector<std::string> support = {};

    static constexpr auto fields = config::fields(
        field<&Contact::abuse>("abuse", checked(check_uri),
                               doc("Against spam and the like: `[\"mailto:abuse@example.org\"]`, or `xmpp:`.")),
        field<&Contact::admin>("admin", checked(check_uri), doc("Those who run the server.")),
        field<&Contact::feedback>("feedback", checked(check_uri), doc("What people think of it.")),
        field<&Contact::sales>("sales", checked(check_uri), doc("Sales and marketing.")),
        field<&Contact::security>("security", checked(check_uri), doc("Who has found a weakness.")),
        field<&Contact::status>("status", checked(check_uri), doc("Whether the server is up: `https:`.")),
        field<&Contact::support>("support", checked(check_uri), doc("Who needs help.")));
};

struct Domain {
    std::string name = "localhost";
    std::vector<std::string> admins = {};  ///< bare JIDs, prepared
    Contact contact = {};
    std::filesystem::path certificate = {};  ///< never empty once loaded
    std::filesystem::path key = {};          ///< never empty once loaded
    bool anonymous = false;
    bool client_certificates = false;
    std::filesystem::path client_authorities = {};  ///< empty: none

    static constexpr auto fields = config::fields(
        field<&Domain::name>("name", required(), checked(check_domain), doc("The part of an address behind the `@`.")),
        field<&Domain::admins>("admins", checked(check_bare_jid), on_reload(),
                               doc("Addresses of those who may administer it, with ad-hoc commands of their clients. "
                                   "Nobody can register these names.")),
        field<&Domain::contact>("contact", doc("Whom to turn to; everybody can read it (XEP-0157).")),
        field<&Domain::certificate>("certificate", readable_file(), on_reload(),
                                    default_text("`data_dir`/certs/NAME.pem"),
                                    doc("PEM file with the certificate and those that lead to its root.")),
        field<&Domain::key>("key", readable_file(), on_reload(), default_text("`data_dir`/certs/NAME.key"),
                            doc("PEM file with the certificate's private key.")),
        field<&Domain::anonymous>(
            "anonymous", doc("For guests: anybody may log in, by SASL ANONYMOUS, and gets an address that lasts "
                             "as long as the session. Nothing is stored, and nobody has an account.")),
        field<&Domain::client_certificates>(
            "client_certificates", on_reload(),
            doc("Asks clients for a certificate and lets them log in by it (SASL EXTERNAL): one that the account has "
                "enrolled (XEP-0257), or one of `client_authorities`. Some clients show their user a dialog then.")),
        field<&Domain::client_authorities>(
            "client_authorities", readable_file(), on_reload(), default_text("none"),
            doc("PEM file with the authorities whose certificates are believed when they name an address.")));
};

enum class ListenerKind : std::uint8_t { c2s, metrics };
enum class TlsMode : std::uint8_t {
    none,
    starttls,           ///< offered
    required_starttls,  ///< offered, and nothing else goes before it
    direct,             ///< XEP-0368
};

constexpr auto enum_names(ListenerKind /*tag*/) {
    return std::array{Named{"c2s", ListenerKind::c2s}, Named{"metrics", ListenerKind::metrics}};
}
constexpr auto enum_names(TlsMode /*tag*/) {
    return std::array{Named{"required-starttls", TlsMode::required_starttls}, Named{"direct", TlsMode::direct},
                      Named{"starttls", TlsMode::starttls}, Named{"none", TlsMode::none}};
}

struct Listener {
    ListenerKind kind = ListenerKind::c2s;
    std::vector<std::string> address = {"::", "0.0.0.0"};  ///< IP addresses; IPv6 ones are bound for IPv6 only
    std::uint16_t port = 5222;
    TlsMode tls = TlsMode::required_starttls;

    [[nodiscard]] bool on_loopback() const;

    static constexpr auto fields = config::fields(
        field<&Listener::kind>("kind", doc("What is spoken: XMPP with clients, or HTTP with Prometheus.")),
        field<&Listener::address>("address", checked(check_ip_address),
                                  default_text("`[\"::\", \"0.0.0.0\"]`; metrics: `\"127.0.0.1\"`"),
                                  doc("IP address or a list of them.")),
        field<&Listener::port>("port", default_text("5222; with direct TLS 5223; metrics: 5280"),
                               doc("TCP port; 0 lets the system choose one.")),
        field<&Listener::tls>(
            "tls", default_text("`\"required-starttls\"`; metrics: `\"none\"`"),
            doc("`none` is for loopback addresses only; `starttls` leaves the choice to the client.")));
};

inline constexpr std::array<std::string_view, 4> sasl_mechanisms = {"SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1",
                                                                    "PLAIN"};

struct Auth {
    std::vector<std::string> mechanisms = {"SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"};
    std::uint32_t scram_iterations = 10'000;
    bool plain_without_tls = false;
    std::uint32_t max_attempts = 3;
    seconds timeout{15};
    seconds token_lifetime{21 * 24 * 3600};

    static constexpr auto fields = config::fields(
        field<&Auth::mechanisms>(
            "mechanisms", one_of(sasl_mechanisms), on_reload(),
            doc("Ways to log in, best first; each SCRAM brings its -PLUS form where TLS can bind it.")),
        field<&Auth::scram_iterations>(
            "scram_iterations", between(4096, 10'000'000),
            doc("How costly a guess at a stolen password is (RFC 7677); for passwords set from now on.")),
        field<&Auth::plain_without_tls>("plain_without_tls",
                                        doc("For tests: also offers PLAIN on connections without TLS. "
                                            "Only if every listener that allows such is on loopback.")),
        field<&Auth::max_attempts>("max_attempts", between(1, 20), on_reload(),
                                   doc("Failed logins on one stream before it is closed.")),
        field<&Auth::timeout>("timeout", between(seconds{1}, seconds{300}), on_reload(),
                              doc("How long a client may take from connecting to being logged in.")),
        field<&Auth::token_lifetime>(
            "token_lifetime", between(seconds{0}, seconds{400L * 24 * 3600}), on_reload(),
            doc("How long a token (XEP-0484) is good for a client that does not come; one that does gets another in "
                "time. `0 s`: there are no tokens.")));
};

struct Limits {
    bool enabled = true;
    ByteSize stanza_bytes = kib(256);
    ByteSize stanza_bytes_before_auth = kib(16);
    std::uint32_t depth = 64;
    std::uint32_t attributes = 64;
    std::uint32_t connections = 200'000;
    std::uint32_t unauthenticated_per_address = 50;
    std::uint32_t failed_logins_per_address = 20;
    minutes failed_logins_window{5};
    std::uint32_t guests_per_address = 10;
    std::uint32_t guests = 1'000;
    ByteSize bytes_per_second = mib(1);
    std::uint32_t sessions_per_account = 32;
    ByteSize output_queue = mib(4);
    std::uint32_t roster_items = 5000;

    static constexpr auto fields = config::fields(
        field<&Limits::enabled>("enabled", on_reload(),
                                doc("For benchmarks: `false` switches off what counts addresses, "
                                    "logins and bytes per second. Sizes stay bounded.")),
        field<&Limits::stanza_bytes>("stanza_bytes", between(kib(10), mib(64)), on_reload(),
                                     doc("The largest stanza.")),
        field<&Limits::stanza_bytes_before_auth>("stanza_bytes_before_auth", between(kib(4), mib(1)), on_reload(),
                                                 doc("The largest element from a client that has not logged in.")),
        field<&Limits::depth>("depth", between(8, 1000), on_reload(), doc("How deep elements may nest.")),
        field<&Limits::attributes>("attributes", between(8, 1000), on_reload(),
                                   doc("Attributes that one element may have.")),
        field<&Limits::connections>("connections", at_least(1), on_reload(), doc("Connections in all.")),
        field<&Limits::unauthenticated_per_address>(
            "unauthenticated_per_address", at_least(1), on_reload(),
            doc("Connections from one IPv4 address or IPv6 /64 that have not logged in.")),
        field<&Limits::failed_logins_per_address>(
            "failed_logins_per_address", at_least(1), on_reload(),
            doc("Wrong passwords from one address in `failed_logins_window`; then it has to wait.")),
        field<&Limits::failed_logins_window>("failed_logins_window", between(minutes{1}, minutes{24 * 60}), on_reload(),
                                             doc("How long wrong passwords are remembered.")),
        field<&Limits::guests_per_address>(
            "guests_per_address", at_least(1), on_reload(),
            doc("Guests (domains with `anonymous = true`) from one IPv4 address or IPv6 /64 at a time.")),
        field<&Limits::guests>("guests", at_least(1), on_reload(), doc("Guests in all.")),
        field<&Limits::bytes_per_second>(
            "bytes_per_second", at_least(kib(1)), on_reload(),
            doc("What one connection may send, averaged over a second; beyond it the server reads more slowly.")),
        field<&Limits::sessions_per_account>("sessions_per_account", between(1, 1000), on_reload(),
                                             doc("Resources of one account at a time.")),
        field<&Limits::output_queue>("output_queue", at_least(kib(64)), on_reload(),
                                     doc("What may wait for one client to read it; beyond it its stream ends.")),
        field<&Limits::roster_items>("roster_items", at_least(1), on_reload(), doc("Contacts of one account.")));
};

/// XEP-0198: what is kept for clients whose connection was lost.
struct ResumptionConfig {
    seconds timeout{600};
    std::uint32_t stanzas = 10'000;
    ByteSize bytes = mib(2);
    std::uint32_t sessions_per_account = 10;
    std::uint32_t sessions = 10'000;
    ByteSize memory = mib(256);

    static constexpr auto fields = config::fields(
        field<&ResumptionConfig::timeout>(
            "timeout", between(seconds{0}, seconds{24 * 3600}), on_reload(),
            doc("How long a session waits for a client that has lost its connection; 0: not at all.")),
        field<&ResumptionConfig::stanzas>("stanzas", between(100, 1'000'000), on_reload(),
                                          doc("What one client may leave unacknowledged; beyond it its session ends, "
                                              "and its messages wait for the next one.")),
        field<&ResumptionConfig::bytes>("bytes", between(kib(64), mib(64)), on_reload(),
                                        doc("The same in bytes; at most half of `limits.output_queue` is used.")),
        field<&ResumptionConfig::sessions_per_account>("sessions_per_account", between(1, 1000), on_reload(),
                                                       doc("Sessions of one account that wait at a time.")),
        field<&ResumptionConfig::sessions>("sessions", at_least(1), on_reload(),
                                           doc("Sessions that wait in all; those that have waited longest make room.")),
        field<&ResumptionConfig::memory>(
            "memory", at_least(mib(1)), on_reload(),
            doc("What waits for all of them; as much again may wait for clients that are connected.")));
};

enum class StorageEngine : std::uint8_t { sqlite };
enum class Durability : std::uint8_t {
    full,        ///< delivery and acknowledgement follow the commit
    before_ack,  ///< delivery first; the acknowledgement follows the commit
};

constexpr auto enum_names(StorageEngine /*tag*/) { return std::array{Named{"sqlite", StorageEngine::sqlite}}; }
constexpr auto enum_names(Durability /*tag*/) {
    return std::array{Named{"full", Durability::full}, Named{"before-ack", Durability::before_ack}};
}

struct Storage {
    StorageEngine engine = StorageEngine::sqlite;
    std::filesystem::path path = {};  ///< never empty once loaded
    Durability durability = Durability::full;

    static constexpr auto fields = config::fields(
        field<&Storage::engine>("engine", doc("Where accounts, contacts and messages are kept.")),
        field<&Storage::path>("path", default_text("`data_dir`/aldis.db"), doc("SQLite: the database file.")),
        field<&Storage::durability>("durability",
                                    doc("`full`: a message is on disk before anybody receives it; `before-ack`: "
                                        "before its sender is told so.")));
};

/// [modules] and [modules.NAME]: the structs that the modules described.
class Modules {
public:
    std::vector<std::string> disabled = {};

    [[nodiscard]] bool enabled(std::string_view name) const;

    /// @throws std::logic_error  no module of that name was handed to load() with this struct
    template <class S>
    [[nodiscard]] const S& get(std::string_view name) const {
        return *static_cast<const S*>(find(name, schema_of<S>));
    }

    /// The same, its type erased; null if the module described none.
    [[nodiscard]] std::shared_ptr<const void> settings(std::string_view name) const;

    void add(const ModuleSchema& module);
    [[nodiscard]] void* slot(std::string_view name) const;

private:
    struct Slot {
        const Schema* schema;
        std::shared_ptr<void> object;
    };
    [[nodiscard]] const void* find(std::string_view name, const Schema& schema) const;

    std::map<std::string, Slot, std::less<>> slots_;
};

/// Everything that the file and the environment decide. Default-constructed it is what an empty file means, except for
/// the paths that load() fills in.
struct Config {
    Server server = {};
    LogConfig log = {};
    std::vector<Domain> domains = {Domain{}};
    std::vector<Listener> listeners = {
        {.tls = TlsMode::required_starttls},
        {.port = 5223, .tls = TlsMode::direct},
        {.kind = ListenerKind::metrics, .address = {"127.0.0.1"}, .port = 5280, .tls = TlsMode::none}};
    Auth auth = {};
    Limits limits = {};
    ResumptionConfig resumption = {};
    Storage storage = {};
    Modules modules = {};

    [[nodiscard]] const Domain* domain(std::string_view name) const;

    static constexpr auto fields = config::fields(
        field<&Config::server>("server", doc("The process.")),
        field<&Config::log>("log", doc("What is written to stderr.")),
        field<&Config::domains>("domain",
                                doc("The domains that are served, one table each. Without any: `localhost`.")),
        field<&Config::listeners>(
            "listener",
            doc("Where connections are accepted, one table each. Without any: c2s on port 5222 "
                "with required STARTTLS, c2s on port 5223 with direct TLS, metrics on 127.0.0.1 port 5280.")),
        field<&Config::auth>("auth", doc("How people log in.")),
        field<&Config::limits>("limits", doc("What one peer may use.")),
        field<&Config::resumption>("resumption", doc("What is kept for clients that have lost their connection.")),
        field<&Config::storage>("storage", doc("Where everything is kept.")));
};

}  // namespace aldis::config
