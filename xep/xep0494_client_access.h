#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xep/xep0082_date_time.h"
#include "xml/schema.h"

/// XEP-0494: Client Access Management 0.1.0
namespace aldis::xep::cam {

inline constexpr std::string_view ns = "urn:xmpp:cam:0";

/// Asks for Clients.
struct List {
    static constexpr auto schema = xml::element(ns, "list");
};

enum class ClientType : std::uint8_t {
    access,   ///< was given access, but has no session
    session,  ///< has or had one
};

enum class Status : std::uint8_t { normal, restricted, unrestricted };

/// How the client came in.
struct Auth {
    bool password = false;
    bool grant = false;
    bool fast = false;

    static constexpr auto schema = xml::element(ns, "auth", xml::flag<&Auth::password>("password"),
                                                xml::flag<&Auth::grant>("grant"), xml::flag<&Auth::fast>("fast"));
};

struct Permission {
    Status status = Status::unrestricted;

    static constexpr auto schema = xml::element(ns, "permission", xml::attribute<&Permission::status>("status"));
};

struct UserAgent {
    std::optional<std::string> software = {};
    std::optional<std::string> uri = {};
    std::optional<std::string> device = {};

    static constexpr auto schema =
        xml::element(ns, "user-agent", xml::text_child<&UserAgent::software>("software"),
                     xml::text_child<&UserAgent::uri>("uri"), xml::text_child<&UserAgent::device>("device"));
};

struct Client {
    bool connected = false;  ///< or could resume its session
    std::string id;          ///< for Revoke
    ClientType type = ClientType::session;
    std::optional<Timestamp> first_seen = {};
    std::optional<Timestamp> last_seen = {};
    Auth auth = {};
    Permission permission = {};
    std::optional<UserAgent> user_agent = {};

    static constexpr auto schema =
        xml::element(ns, "client", xml::attribute<&Client::connected>("connected"), xml::attribute<&Client::id>("id"),
                     xml::attribute<&Client::type>("type"), xml::text_child<&Client::first_seen>("first-seen"),
                     xml::text_child<&Client::last_seen>("last-seen"), xml::child<&Client::auth>(),
                     xml::child<&Client::permission>(), xml::child<&Client::user_agent>());
};

struct Clients {
    std::vector<Client> clients = {};

    static constexpr auto schema = xml::element(ns, "clients", xml::children<&Clients::clients>());
};

/// Takes a client's access away.
struct Revoke {
    std::string id;

    static constexpr auto schema = xml::element(ns, "revoke", xml::attribute<&Revoke::id>("id"));
};

/// In the service-unavailable error: the client knows the password, so only another password keeps it out.
struct PasswordResetRequired {
    static constexpr auto schema = xml::element(ns, "password-reset-required");
};

}  // namespace aldis::xep::cam

template <>
struct aldis::xml::EnumNames<aldis::xep::cam::ClientType> {
    using enum xep::cam::ClientType;
    static constexpr std::array values{std::pair{access, std::string_view{"access"}},
                                       std::pair{session, std::string_view{"session"}}};
};

template <>
struct aldis::xml::EnumNames<aldis::xep::cam::Status> {
    using enum xep::cam::Status;
    static constexpr std::array values{std::pair{normal, std::string_view{"normal"}},
                                       std::pair{restricted, std::string_view{"restricted"}},
                                       std::pair{unrestricted, std::string_view{"unrestricted"}}};
};
