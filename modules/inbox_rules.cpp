#include "modules/inbox_rules.h"

#include <algorithm>
#include <array>

#include "modules/message_content.h"
#include "xep/xep0249_invitations.h"
#include "xep/xep0308_correction.h"
#include "xep/xep0333_markers.h"
#include "xep/xep0380_encryption.h"
#include "xep/xep0444_reactions.h"
#include "xep/xep0490_displayed_sync.h"
#include "xml/parser.h"

namespace aldis::modules::inbox {
namespace {

/// What the message is about is an earlier one.
constexpr std::array about_others{
    xep::Replace::schema.name,
    xep::Reactions::schema.name,
    xml::Name{"urn:xmpp:message-retract:1", "retract"},  // XEP-0424
    xml::Name{"urn:xmpp:message-retract:0", "retract"},  // before 0.4
    xml::Name{"urn:xmpp:fasten:0", "apply-to"},          // XEP-0422, for older retractions
};

/// What there is to see although there is no <body/>.
constexpr std::array content{
    xep::DirectInvitation::schema.name,
    xep::Encryption::schema.name,
    xml::Name{"urn:xmpp:openpgp:0", "openpgp"},                // XEP-0373
    xml::Name{"jabber:x:encrypted", "x"},                      // XEP-0027
    xml::Name{"urn:xmpp:sfs:0", "file-sharing"},               // XEP-0447
    xml::Name{"jabber:x:oob", "x"},                            // XEP-0066
    xml::Name{"http://jabber.org/protocol/geoloc", "geoloc"},  // XEP-0080
};

/// XEP-0384, and as most clients speak it. Without a payload, devices exchange keys, and nobody has said anything.
constexpr std::array omemo{
    xml::Name{"eu.siacs.conversations.axolotl", "encrypted"},
    xml::Name{"urn:xmpp:omemo:1", "encrypted"},
    xml::Name{"urn:xmpp:omemo:2", "encrypted"},
};

bool is_one_of(const xml::Element& child, const auto& names) {
    return std::ranges::any_of(names, [&](const xml::Name& name) { return child.is(name); });
}

/// XEP-0045 section 7.8.2: a room passes an invitation on.
bool is_invitation(const xml::Element& child) {
    constexpr std::string_view muc_user = "http://jabber.org/protocol/muc#user";
    return child.is({muc_user, "x"}) && child.child({muc_user, "invite"}) != nullptr;
}

/// A subject alone is a message between two; in a room, it is the room's (XEP-0045 section 8.1).
bool is_text(const xml::Element& child, MessageType type) {
    if (child.text_view().empty()) return false;
    return child.is({xml::client_ns, "body"}) ||
           (type != MessageType::groupchat && child.is({xml::client_ns, "subject"}));
}

Result<std::optional<db::ArchiveId>> id_of(const std::optional<std::string>& text) {
    if (!text || text->empty()) return std::nullopt;
    const std::optional<db::ArchiveId> id = db::ArchiveId::parse(*text);
    if (!id) return refuse(Condition::item_not_found, ErrorType::cancel, "No such conversation.");
    return id;
}

}  // namespace

bool is_message(const Message& message) {
    if (message.is_error() || message.type() == MessageType::headline) return false;
    bool found = false;
    for (const xml::Element& child : message.element().children()) {
        if (is_one_of(child, about_others)) return false;
        if (is_one_of(child, omemo)) {
            if (child.child({child.ns(), "payload"}) == nullptr) return false;
            found = true;
        }
        found = found || is_text(child, message.type()) || is_one_of(child, content) || is_invitation(child);
    }
    return found;
}

std::optional<std::string> displayed_in(const Message& message) {
    if (message.is_error() || message.type() == MessageType::headline) return std::nullopt;
    // "Unread Messages": both cause the message to be read.
    if (auto displayed = message.get<xep::markers::Displayed>()) return std::move(displayed->id);
    if (auto handled = message.get<xep::markers::Acknowledged>()) return std::move(handled->id);
    return std::nullopt;
}

std::optional<db::ArchiveId> displayed_in_item(const std::string& payload, const Jid& owner) {
    try {
        const xml::Document document = xml::parse_document(payload, xml::client_ns, {.stanza_bytes = payload.size()});
        if (!document.root().is(xep::displayed_sync::Displayed::schema.name)) return std::nullopt;
        const auto displayed = xml::parse<xep::displayed_sync::Displayed>(document.root());
        if (!displayed || displayed->stanza_id.by != owner) return std::nullopt;
        return db::ArchiveId::parse(displayed->stanza_id.id);
    } catch (const xml::ParseError&) {
        return std::nullopt;
    }
}

Result<db::InboxRange> range_of(const xep::inbox::Query& query, PageSizes sizes) {
    db::InboxRange range{.unread_only = query.unread_only,
                         .messages = query.messages,
                         .max = std::min(sizes.usual, sizes.largest),
                         .bytes = sizes.bytes};
    if (!query.set) return range;
    const Result<std::optional<db::ArchiveId>> after = id_of(query.set->after);
    if (!after) return std::unexpected{after.error()};
    const Result<std::optional<db::ArchiveId>> before = id_of(query.set->before);
    if (!before) return std::unexpected{before.error()};
    range.after = *after;
    range.before = *before;
    range.last_page = query.set->before && query.set->before->empty();
    range.index = query.set->index;
    if (query.set->max) range.max = std::min(*query.set->max, sizes.largest);
    return range;
}

xep::inbox::Fin fin_of(const db::InboxPage& page) {
    xep::inbox::Fin fin{
        .total = page.total, .unread = page.active, .all_unread = page.unread, .set = {.count = page.count}};
    if (page.entries.empty()) return fin;
    fin.set.first = xep::rsm::First{.index = page.index, .id = page.entries.front().last.text()};
    fin.set.last = page.entries.back().last.text();
    return fin;
}

}  // namespace aldis::modules::inbox
