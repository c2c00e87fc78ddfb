#pragma once

#include <optional>
#include <string>

#include "xep/xep0082_date_time.h"
#include "xml/schema.h"

/// XEP-0202: Entity Time 2.0
namespace aldis::xep {

/// The question is the same with nothing inside; an answer has both.
struct EntityTime {
    std::optional<std::string> tzo = {};  ///< the offset from UTC, "Z" or "-06:00"
    std::optional<Timestamp> utc = {};

    static constexpr auto schema = xml::element("urn:xmpp:time", "time", xml::text_child<&EntityTime::tzo>("tzo"),
                                                xml::text_child<&EntityTime::utc>("utc"));
};

}  // namespace aldis::xep
