#pragma once

#include <optional>
#include <string>

#include "jid/jid.h"
#include "stanza/stanza.h"
#include "xml/schema.h"

/// XEP-0359: Unique and Stable Stanza IDs 0.7.0
namespace aldis::xep {

inline constexpr std::string_view stanza_ids_ns = "urn:xmpp:sid:0";

/// The id under which `by` (an account, a room) knows a message. It can be trusted if `by` advertises stanza_ids_ns.
struct StanzaId {
    std::string id;
    Jid by;

    static constexpr auto schema = xml::element(stanza_ids_ns, "stanza-id", xml::attribute<&StanzaId::id>("id"),
                                                xml::attribute<&StanzaId::by>("by"));
};

/// The id that the sending client gave. It can be spoofed.
struct OriginId {
    std::string id;

    static constexpr auto schema = xml::element(stanza_ids_ns, "origin-id", xml::attribute<&OriginId::id>("id"));
};

/// The <stanza-id/> that `by` assigned, if the stanza has one.
[[nodiscard]] std::optional<std::string> stanza_id_by(const stanza::Stanza& stanza, const Jid& by);

/// Removes each <stanza-id/> that claims to be by `by`, for whom only we speak ("Business Rules"). An address that is
/// written differently but means the same counts; so do those that are no addresses, which nobody may have assigned.
void remove_stanza_ids(stanza::Stanza& stanza, const Jid& by);

}  // namespace aldis::xep
