#include "modules/csi_rules.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "xep/xep0085_chat_states.h"
#include "xep/xep0280_carbons.h"
#include "xep/xep0334_hints.h"
#include "xep/xep0359_stanza_ids.h"

namespace aldis::modules::csi {
namespace {

constexpr std::string_view event_ns = "http://jabber.org/protocol/pubsub#event";
constexpr std::string_view muc_user_ns = "http://jabber.org/protocol/muc#user";
constexpr std::string_view forward_ns = "urn:xmpp:forward:0";

/// An element in what xml::Writer wrote, where a '>' ends tags and nothing else, quotes are single and only attributes
/// have prefixes: enough to see its outline without building it. Inactive clients are many and rooms are loud.
struct Outline {
    std::string_view name;
    std::string_view attributes;
    std::string_view content;
    std::string_view rest;  ///< what follows it

    /// As it is written, with its references.
    [[nodiscard]] std::string_view attribute(std::string_view wanted) const {
        const std::string start = " " + std::string{wanted} + "='";
        const std::size_t found = attributes.find(start);
        if (found == std::string_view::npos) return {};
        const std::string_view value = attributes.substr(found + start.size());
        return value.substr(0, value.find('\''));
    }
    [[nodiscard]] bool is(std::string_view ns, std::string_view local) const {
        return name == local && attribute("xmlns") == ns;
    }
};

/// The length of an element's content, up to its end tag.
std::optional<std::size_t> length_of_content(std::string_view markup) {
    int depth = 0;
    std::size_t at = 0;
    while ((at = markup.find('<', at)) != std::string_view::npos) {
        const std::size_t end = markup.find('>', at);
        if (end == std::string_view::npos) return std::nullopt;
        if (markup[at + 1] == '/') {
            if (depth-- == 0) return at;
        } else if (markup[end - 1] != '/') {
            ++depth;
        }
        at = end;
    }
    return std::nullopt;
}

/// The next element in `markup`; nothing where there is none.
std::optional<Outline> next_in(std::string_view markup) {
    const std::size_t start = markup.find('<');
    if (start == std::string_view::npos) return std::nullopt;
    const std::size_t end = markup.find('>', start);
    if (end == std::string_view::npos) return std::nullopt;
    const bool empty = markup[end - 1] == '/';
    const std::string_view tag = markup.substr(start + 1, end - start - (empty ? 2 : 1));
    const std::size_t name_end = std::min(tag.find(' '), tag.size());
    Outline found{.name = tag.substr(0, name_end),
                  .attributes = tag.substr(name_end),
                  .content = {},
                  .rest = markup.substr(end + 1)};
    if (empty) return found;
    const std::optional<std::size_t> length = length_of_content(found.rest);
    if (!length) return std::nullopt;
    found.content = found.rest.substr(0, *length);
    const std::size_t after = found.rest.find('>', *length);
    found.rest = after == std::string_view::npos ? std::string_view{} : found.rest.substr(after + 1);
    return found;
}

std::optional<Outline> child(std::string_view content, std::string_view ns, std::string_view local) {
    for (std::optional<Outline> each = next_in(content); each; each = next_in(each->rest))
        if (each->is(ns, local)) return each;
    return std::nullopt;
}

/// Every part of a key comes from others; no name can end another's.
std::string key_of(char what, std::string_view whose, std::string_view node = {}, std::string_view item = {}) {
    std::string key(1, what);
    return key.append(whose).append(1, '\n').append(node).append(1, '\n').append(item);
}

Verdict judge_presence(const Outline& presence, std::string_view own, const Wishes& wishes) {
    const std::string_view type = presence.attribute("type");
    const std::string_view from = presence.attribute("from");
    // Subscriptions and errors are answers to somebody's doing; so is what the client sees of itself.
    if (!wishes.presence || (!type.empty() && type != "unavailable") || from == own) return {};
    if (const std::optional<Outline> about = child(presence.content, muc_user_ns, "x"))
        if (about->content.contains("<status code='110'/>"))
            return {};  // XEP-0045 section 7.2.2: it has joined, or left
    return {.hold = true, .key = key_of('p', from)};
}

/// XEP-0060: what the event is the latest word about, where it is about one item.
std::string key_of_event(std::string_view from, const Outline& event) {
    const std::optional<Outline> items = next_in(event.content);
    if (!items || items->name != "items") return {};
    const std::optional<Outline> item = next_in(items->content);
    if (!item || next_in(item->rest) || item->attribute("id").empty()) return {};
    return key_of('e', from, items->attribute("node"), item->attribute("id"));
}

Verdict judge_headline(const Outline& message, const Wishes& wishes) {
    if (!wishes.headlines) return {};
    const std::optional<Outline> event = child(message.content, event_ns, "event");
    return {.hold = true, .key = event ? key_of_event(message.attribute("from"), *event) : std::string{}};
}

/// What of a message is nothing to look at by itself.
bool is_aside(const Outline& child) {
    const std::string_view ns = child.attribute("xmlns");
    return ns == xep::hints::ns || ns == xep::stanza_ids_ns || (ns.empty() && child.name == "thread");
}

struct Parts {
    bool state = false;                ///< a chat state
    bool more = false;                 ///< anything else
    std::optional<Outline> copy = {};  ///< XEP-0280
};

/// Stops at the first thing that decides.
Parts parts_of(const Outline& message) {
    Parts parts;
    for (std::optional<Outline> each = next_in(message.content); each && !parts.more; each = next_in(each->rest)) {
        const std::string_view ns = each->attribute("xmlns");
        if (ns == xep::chat_states_ns) {
            parts.state = true;
        } else if (ns == xep::carbons::ns && !parts.copy) {
            parts.copy = each;
        } else if (!is_aside(*each)) {
            parts.more = true;
        }
    }
    return parts;
}

Verdict judge_message(const Outline& message, const Wishes& wishes, bool copied);

/// A copy is judged by what it is a copy of.
Verdict judge_copy(const Outline& copy, const Wishes& wishes) {
    const std::optional<Outline> forwarded = child(copy.content, forward_ns, "forwarded");
    if (!forwarded) return {};
    for (std::optional<Outline> each = next_in(forwarded->content); each; each = next_in(each->rest)) {
        if (each->name != "message") continue;
        Verdict verdict = judge_message(*each, wishes, true);
        if (copy.name == "sent") verdict.key = key_of('s', each->attribute("to"));
        return verdict;
    }
    return {};
}

Verdict judge_message(const Outline& message, const Wishes& wishes, bool copied) {
    const std::string_view type = message.attribute("type");
    if (type == "error") return {};
    if (type == "headline") return judge_headline(message, wishes);
    const Parts parts = parts_of(message);
    if (parts.copy && !parts.more && !copied) return judge_copy(*parts.copy, wishes);
    // What somebody says replaces that he was about to.
    return {.hold = wishes.chat_states && parts.state && !parts.more && !parts.copy,
            .key = key_of('c', message.attribute("from"))};
}

}  // namespace

Verdict judge(stanza::Kind kind, std::string_view wire, std::string_view own, const Wishes& wishes) {
    if (kind == stanza::Kind::iq) return {};
    const std::optional<Outline> stanza = next_in(wire);
    if (!stanza) return {};
    return kind == stanza::Kind::presence ? judge_presence(*stanza, own, wishes)
                                          : judge_message(*stanza, wishes, false);
}

void Hold::add(stanza::Kind kind, const Bytes& wire, std::string key) {
    bytes_ += wire->size();
    items_.push_back({kind, wire, std::move(key)});
}

bool Hold::supersede(std::string_view key) {
    if (key.empty()) return false;
    const auto found = std::ranges::find(items_, key, &Item::key);
    if (found == items_.end()) return false;
    bytes_ -= found->wire->size();
    items_.erase(found);
    return true;
}

std::vector<Hold::Item> Hold::take() {
    bytes_ = 0;
    return std::exchange(items_, {});
}

}  // namespace aldis::modules::csi
