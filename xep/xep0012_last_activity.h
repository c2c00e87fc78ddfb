#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "xml/schema.h"

/// XEP-0012: Last Activity 2.0
namespace aldis::xep {

/// Of an account, how long ago it was last online; of a resource, how long it has been idle; of a server, its uptime.
/// The question is the same with nothing inside.
struct LastActivity {
    std::optional<std::uint64_t> seconds = {};
    std::optional<std::string> status = {};  ///< of the last unavailable presence

    static constexpr auto schema =
        xml::element("jabber:iq:last", "query", xml::attribute<&LastActivity::seconds>("seconds"),
                     xml::text<&LastActivity::status>());
};

}  // namespace aldis::xep
