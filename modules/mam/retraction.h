#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "stanza/stanza.h"

/// XEP-0424: what the archive does when a message is retracted. No side effects.
namespace aldis::modules::mam {

/// A message that asks to retract another one.
struct Retraction {
    std::string id;         ///< of the message that asks; it becomes the tombstone's
    std::string of;         ///< of the message that is to go
    std::string from;       ///< who asks, with the resource
    bool outgoing = false;  ///< asked by the owner of the archive
    Timestamp at{};
};

/// @return  nothing: it asks for nothing, or for something that is decided elsewhere (in rooms), or has no id,
///          or one by which nothing is found
[[nodiscard]] std::optional<Retraction> retraction_of(const Message& message, bool outgoing, Timestamp at);

/// "Tombstones": the message without its contents. Its origin-id stays, so that it is still recognised when it is sent
/// again.
/// @param outgoing  sent by the owner of the archive
/// @return          nothing: `stored` is not the message that is meant, it was sent by somebody else, or it has been
///                  retracted before
[[nodiscard]] std::optional<std::string> tombstone_of(const std::string& stored, bool outgoing,
                                                      const Retraction& retraction);

}  // namespace aldis::modules::mam
