#include "xep/xep0359_stanza_ids.h"

namespace aldis::xep {
namespace {

bool claims(const xml::Element& child, const Jid& by) {
    if (!child.is(StanzaId::schema.name)) return false;
    const std::string_view text = child.attribute_or("by", {});
    if (text == by.text()) return true;
    const Result<Jid> claimed = Jid::parse(text);
    return !claimed || *claimed == by;
}

bool has_claim(const stanza::Stanza& stanza, const Jid& by) {
    for (const xml::Element& child : stanza.element().children())
        if (claims(child, by)) return true;
    return false;
}

}  // namespace

std::optional<std::string> stanza_id_by(const stanza::Stanza& stanza, const Jid& by) {
    for (const xml::Element& child : stanza.element().children()) {
        if (!child.is(StanzaId::schema.name)) continue;
        Result<StanzaId> parsed = xml::parse<StanzaId>(child);
        if (parsed && parsed->by == by) return std::move(parsed->id);
    }
    return std::nullopt;
}

void remove_stanza_ids(stanza::Stanza& stanza, const Jid& by) {
    // edit() gives up what is serialised, so it is not called without need.
    if (!has_claim(stanza, by)) return;
    stanza.edit().remove_if([&](const xml::Element& child) { return claims(child, by); });
}

}  // namespace aldis::xep
