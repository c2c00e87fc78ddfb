#pragma once

#include <string>
#include <vector>

#include "xml/schema.h"

/// XEP-0191: Blocking Command 1.3
namespace aldis::xep::blocking {

inline constexpr std::string_view ns = "urn:xmpp:blocking";
inline constexpr std::string_view errors_ns = "urn:xmpp:blocking:errors";

/// A blocked address. There may be more in it: see xep/xep0377_reporting.h.
struct Item {
    std::string jid;  ///< as it was written: what is no address has an error of its own

    static constexpr auto schema = xml::element(ns, "item", xml::attribute<&Item::jid>("jid"));
};

/// Asks whom the user has blocked, with nothing inside, or tells it.
struct Blocklist {
    std::vector<Item> items = {};

    static constexpr auto schema = xml::element(ns, "blocklist", xml::children<&Blocklist::items>());
};

/// Blocks each of these: in a request, and then in what the server tells the user's resources.
struct Block {
    std::vector<Item> items = {};

    static constexpr auto schema = xml::element(ns, "block", xml::children<&Block::items>());
};

/// The same of those who are blocked no more. None: everybody.
struct Unblock {
    std::vector<Item> items = {};

    static constexpr auto schema = xml::element(ns, "unblock", xml::children<&Unblock::items>());
};

}  // namespace aldis::xep::blocking
