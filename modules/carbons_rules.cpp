#include "modules/carbons_rules.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>

#include "xep/xep0085_chat_states.h"
#include "xep/xep0184_receipts.h"
#include "xep/xep0249_invitations.h"
#include "xep/xep0280_carbons.h"
#include "xep/xep0308_correction.h"
#include "xep/xep0333_markers.h"
#include "xep/xep0334_hints.h"
#include "xep/xep0380_encryption.h"
#include "xep/xep0424_retraction.h"
#include "xep/xep0444_reactions.h"

namespace aldis::modules::carbons {
namespace {

using mod::Direction;

/// "Payload elements typically used in IM": the three that the text names, and what has come since.
constexpr std::array conversation{
    xep::receipts::ns,
    xep::chat_states_ns,
    xep::markers::ns,
    xep::correction_ns,
    xep::retraction::ns,
    xep::Reactions::schema.name.ns,
    xep::Encryption::schema.name.ns,
};

constexpr std::string_view muc_user_ns = "http://jabber.org/protocol/muc#user";

bool is_of_conversation(const Message& message) {
    const auto children = message.element().children();
    return std::any_of(children.begin(), children.end(),
                       [](const xml::Element& child) { return std::ranges::count(conversation, child.ns()) > 0; });
}

/// XEP-0334 "No copies": that is a hint for messages to full addresses only.
bool is_not_to_be_copied(const Message& message) {
    return message.has<xep::carbons::Private>() || (message.has<xep::hints::NoCopy>() && !message.to().is_bare());
}

/// The rules for messages that say of themselves that they come from a room or go to one; nothing where the usual ones
/// decide. Whoever is a room need not be known: "by checking for the <x/> element".
std::optional<Verdict> of_room(const Message& message, Direction direction) {
    const xml::Element* const about = message.element().child({muc_user_ns, "x"});
    if (about == nullptr) return std::nullopt;
    if (about->child({muc_user_ns, "invite"}) != nullptr) return Verdict{true, "an invitation"};
    if (direction == Direction::outward && !message.to().is_bare()) return Verdict{true, "to an occupant of a room"};
    // The room has sent it to each of the user's clients that are in there.
    if (direction == Direction::inward && !message.from().is_bare())
        return Verdict{false, "from an occupant of a room"};
    return std::nullopt;
}

std::uint64_t hash_of(const Jid& peer, std::string_view id, Direction direction) {
    std::string text{peer.bare_text()};
    text.append(1, direction == Direction::outward ? '>' : '<').append(id);
    return std::hash<std::string>{}(text);
}

const Jid& peer_of(const Message& message, Direction direction) {
    return direction == Direction::outward ? message.to() : message.from();
}

}  // namespace

Verdict is_eligible(const Message& message, Direction direction) {
    if (message.is_error()) return {false, "an error"};
    if (message.type() == MessageType::groupchat) return {false, "the room sends it to all"};
    if (is_not_to_be_copied(message)) return {false, "its sender asks not to"};
    if (message.has<xep::DirectInvitation>()) return {true, "an invitation"};
    if (const std::optional<Verdict> verdict = of_room(message, direction)) return *verdict;
    if (message.type() == MessageType::chat) return {true, "a chat"};
    if (message.type() == MessageType::normal && message.body()) return {true, "it has a body"};
    if (is_of_conversation(message)) return {true, "of a conversation"};
    return {false, "no part of a conversation"};
}

bool gets_original(session::Audience audience, bool exact, bool available, int priority) {
    switch (audience) {
        case session::Audience::exact: return exact;
        case session::Audience::non_negative: return available && priority >= 0;
        case session::Audience::available: return available;
        case session::Audience::nobody:
        case session::Audience::refused:
        case session::Audience::fall_back:
        case session::Audience::account: return false;
    }
    return false;
}

void Answers::remember(const Message& message, Direction direction) {
    if (!message.id()) return;
    const std::uint64_t hash = hash_of(peer_of(message, direction), *message.id(), direction);
    if (last_.size() < most) {
        last_.push_back(hash);
    } else {
        last_[next_] = hash;
        next_ = (next_ + 1) % most;
    }
}

bool Answers::is_one(const Message& error, Direction direction) const {
    if (!error.is_error() || !error.id()) return false;
    const Direction other = direction == Direction::outward ? Direction::inward : Direction::outward;
    return std::ranges::count(last_, hash_of(peer_of(error, direction), *error.id(), other)) > 0;
}

}  // namespace aldis::modules::carbons
