#include "modules/mam/rules.h"

#include <algorithm>
#include <array>

#include "modules/message_content.h"
#include "xep/xep0184_receipts.h"
#include "xep/xep0333_markers.h"
#include "xep/xep0334_hints.h"
#include "xep/xep0359_stanza_ids.h"

namespace aldis::modules::mam {
namespace {

namespace hints = xep::hints;
namespace markers = xep::markers;

/// What is worth keeping although there is no <body/>. A name without a local part stands for all of its namespace.
constexpr std::array content{
    xml::Name{xml::client_ns, "body"},
    xml::Name{xml::client_ns, "subject"},
    xep::receipts::Received::schema.name,
    markers::Displayed::schema.name,
    markers::Received::schema.name,
    markers::Acknowledged::schema.name,
    xml::Name{"eu.siacs.conversations.axolotl", "encrypted"},  // OMEMO as most clients speak it
    xml::Name{"urn:xmpp:omemo:1", "encrypted"},                // XEP-0384
    xml::Name{"urn:xmpp:omemo:2", "encrypted"},                //
    xml::Name{"urn:xmpp:openpgp:0", "openpgp"},                // XEP-0373
    xml::Name{"jabber:x:encrypted", "x"},                      // XEP-0027
    xml::Name{"urn:xmpp:eme:0", "encryption"},                 // XEP-0380: whatever else there is
    xml::Name{"urn:xmpp:message-correct:0", "replace"},        // XEP-0308
    xml::Name{"urn:xmpp:message-retract:0", "retract"},        // XEP-0424 before 0.4; see is_retraction
    xml::Name{"urn:xmpp:fasten:0", "apply-to"},                // XEP-0422, for older retractions
    xml::Name{"urn:xmpp:reactions:0", "reactions"},            // XEP-0444
    xml::Name{"urn:xmpp:sfs:0", {}},                           // XEP-0447
    xml::Name{"jabber:x:oob", "x"},                            // XEP-0066
    xml::Name{"jabber:x:conference", "x"},                     // XEP-0249
    xml::Name{"http://jabber.org/protocol/geoloc", "geoloc"},  // XEP-0080
};

bool is_content(const xml::Element& child) {
    return std::ranges::any_of(
        content, [&](const xml::Name& name) { return name.local.empty() ? child.ns() == name.ns : child.is(name); });
}

/// XEP-0045 section 7.8.2: a room passes an invitation on, or that it was declined.
bool is_invitation(const xml::Element& child) {
    constexpr std::string_view muc_user = "http://jabber.org/protocol/muc#user";
    if (!child.is({muc_user, "x"})) return false;
    return child.child({muc_user, "invite"}) != nullptr || child.child({muc_user, "decline"}) != nullptr;
}

}  // namespace

Verdict should_keep(const Message& message) {
    // XEP-0334 "Business Rules": hints in errors do not count, since they came with what was refused.
    if (message.is_error()) return {false, "an error"};
    if (message.type() == MessageType::groupchat) return {false, "the room keeps it"};
    const bool headline = message.type() == MessageType::headline;
    // XEP-0424 "Business Rules": the service "MUST store the retraction message", whatever its hints.
    if (!headline && is_retraction(message)) return {true, "it retracts another one"};
    bool found = false;
    bool asked = false;
    for (const xml::Element& child : message.element().children()) {
        if (child.ns() == hints::ns) {
            // Who asks for both has more to lose if it is kept.
            if (child.is(hints::NoStore::schema.name) || child.is(hints::NoPermanentStore::schema.name))
                return {false, "its sender asks not to"};
            asked = asked || child.is(hints::Store::schema.name);
        } else if (!found) {
            found = is_content(child) || is_invitation(child);
        }
    }
    if (asked)
        return is_chat_state_alone(message) ? Verdict{false, "a chat state"} : Verdict{true, "its sender asks to"};
    if (headline) return {false, "a headline"};
    return found ? Verdict{true, "it has content"} : Verdict{false, "it has no content"};
}

std::string_view name_of(const Message& message) {
    if (const std::string_view id = message.id().value_or(std::string_view{}); !id.empty()) return id;
    const xml::Element* const origin = message.element().child(xep::OriginId::schema.name);
    return origin == nullptr ? std::string_view{} : origin->attribute_or("id", {});
}

bool wants(const db::ArchivePreferences& preferences, const Jid& peer, const session::Contacts& contacts) {
    const auto is_listed = [&](const std::vector<std::string>& list) {
        return std::ranges::any_of(
            list, [&](const std::string& listed) { return listed == peer.bare_text() || listed == peer.text(); });
    };
    if (is_listed(preferences.never)) return false;
    if (is_listed(preferences.always)) return true;
    switch (preferences.other) {
        case db::ArchivePreferences::Default::always: return true;
        case db::ArchivePreferences::Default::never: return false;
        case db::ArchivePreferences::Default::roster: return contacts.find(peer.bare_text()).has_value();
    }
    return true;
}

}  // namespace aldis::modules::mam
