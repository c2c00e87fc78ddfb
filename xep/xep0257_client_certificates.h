#pragma once

#include <optional>
#include <string>
#include <vector>

#include "xml/schema.h"

/// XEP-0257: Client Certificate Management for SASL EXTERNAL 0.3
namespace aldis::xep::saslcert {

inline constexpr std::string_view ns = "urn:xmpp:saslcert:1";

/// Adds a certificate, by which its owner may log in from now on.
struct Append {
    std::string name;      ///< unique among the user's certificates
    std::string x509cert;  ///< DER, in base64; white space does not count
    bool no_cert_management = false;

    static constexpr auto schema = xml::element(ns, "append", xml::text_child<&Append::name>("name"),
                                                xml::flag<&Append::no_cert_management>("no-cert-management"),
                                                xml::text_child<&Append::x509cert>("x509cert"));
};

/// The resources that have logged in by a certificate.
struct Users {
    std::vector<std::string> resources = {};

    static constexpr auto schema = xml::element(ns, "users", xml::text_children<&Users::resources>("resource"));
};

struct Item {
    std::string name;
    std::string x509cert;  ///< DER, in base64
    bool no_cert_management = false;
    std::optional<Users> users = {};

    static constexpr auto schema = xml::element(
        ns, "item", xml::text_child<&Item::name>("name"), xml::flag<&Item::no_cert_management>("no-cert-management"),
        xml::text_child<&Item::x509cert>("x509cert"), xml::child<&Item::users>());
};

/// Asks for the certificates; the answer.
struct Items {
    std::vector<Item> items = {};

    static constexpr auto schema = xml::element(ns, "items", xml::children<&Items::items>());
};

/// Nobody is to log in by it any more.
struct Disable {
    std::string name;

    static constexpr auto schema = xml::element(ns, "disable", xml::text_child<&Disable::name>("name"));
};

/// The same, and who has is logged out.
struct Revoke {
    std::string name;

    static constexpr auto schema = xml::element(ns, "revoke", xml::text_child<&Revoke::name>("name"));
};

}  // namespace aldis::xep::saslcert
