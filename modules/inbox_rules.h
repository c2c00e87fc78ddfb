#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "db/inbox.h"
#include "stanza/stanza.h"
#include "xep/xep0430_inbox.h"

/// XEP-0430: what counts as a message in a conversation, what reads it, and pages of conversations. No side effects.
namespace aldis::modules::inbox {

/// Is it something that is new to read? What changes an earlier message (a correction, a reaction, a retraction), and
/// what tells about one (a receipt, a marker), is not, whatever body it has for those who do not know better.
[[nodiscard]] bool is_message(const Message& message);

/// The id of the message that the sender of this one has seen, and with it all before: XEP-0333.
[[nodiscard]] std::optional<std::string> displayed_in(const Message& message);

/// The same of an item of XEP-0490.
/// @param payload  as it was published
/// @return         nothing: it is malformed, or its id is not of `owner`'s archive
[[nodiscard]] std::optional<db::ArchiveId> displayed_in_item(const std::string& payload, const Jid& owner);

struct PageSizes {
    std::uint32_t usual;    ///< conversations, where the client does not say
    std::uint32_t largest;  ///< conversations; larger requests are cut to this
    std::size_t bytes;      ///< of messages
};

/// @return  item-not-found: an id that is none of ours
[[nodiscard]] Result<db::InboxRange> range_of(const xep::inbox::Query& query, PageSizes sizes);

/// What follows the entries.
[[nodiscard]] xep::inbox::Fin fin_of(const db::InboxPage& page);

}  // namespace aldis::modules::inbox
