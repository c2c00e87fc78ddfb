#pragma once

#include <optional>
#include <string>

#include "xep/xep0082_date_time.h"
#include "xml/schema.h"

/// XEP-0424: Message Retraction 0.4.2
namespace aldis::xep::retraction {

inline constexpr std::string_view ns = "urn:xmpp:message-retract:1";
/// Announces Retracted in archives.
inline constexpr std::string_view tombstone_feature = "urn:xmpp:message-retract:1#tombstone";

/// Takes an earlier message of the same sender back.
struct Retract {
    std::string id;  ///< of the message; in rooms, the stanza-id that the room assigned

    static constexpr auto schema = xml::element(ns, "retract", xml::attribute<&Retract::id>("id"));
};

/// The tombstone: what is left of the message in the archive.
struct Retracted {
    std::string id;  ///< of the message with Retract
    std::optional<std::string> by = {};
    std::optional<Timestamp> stamp = {};

    static constexpr auto schema =
        xml::element(ns, "retracted", xml::attribute<&Retracted::id>("id"), xml::attribute<&Retracted::by>("by"),
                     xml::attribute<&Retracted::stamp>("stamp"));
};

}  // namespace aldis::xep::retraction
