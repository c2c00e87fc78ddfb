#pragma once

#include "stanza/stanza.h"

/// What the parts of a message mean to those who store it. No side effects.
namespace aldis::modules {

/// Says something about the conversation at this moment (XEP-0085), or about the message itself.
[[nodiscard]] bool is_fleeting(const xml::Element& child);

/// Does the message tell what its sender is doing (XEP-0085), and nothing that anybody could want to know later?
[[nodiscard]] bool is_chat_state_alone(const Message& message);

/// Does it ask to retract another message (XEP-0424)? Whoever may have the other one must get it, or find it.
[[nodiscard]] bool is_retraction(const Message& message);

}  // namespace aldis::modules
