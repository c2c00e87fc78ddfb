#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xml/schema.h"

/// XEP-0300: Use of Cryptographic Hash Functions in XMPP 1.0.0
namespace aldis::xep::hashes {

inline constexpr std::string_view ns = "urn:xmpp:hashes:2";

/// The name of a hash function and, in base64, what it has made of something.
struct Hash {
    std::string algo;  ///< "sha-256": a name of IANA's registry, or of the XEP's table
    std::string value;

    static constexpr auto schema =
        xml::element(ns, "hash", xml::attribute<&Hash::algo>("algo"), xml::text<&Hash::value>());
};

/// What the function of that name makes of `bytes`, as bytes; nothing: it is not known here. SHA-1 is among those that
/// are, for protocols that know no other: who lets a peer choose has to say which are good enough.
[[nodiscard]] std::optional<std::string> digest(std::string_view algo, std::string_view bytes);

}  // namespace aldis::xep::hashes
