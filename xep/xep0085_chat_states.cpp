#include "xep/xep0085_chat_states.h"

namespace aldis::xep {

std::optional<ChatState> chat_state_of(const stanza::Message& message) {
    for (const xml::Element& child : message.element().children())
        if (child.ns() == chat_states_ns) return xml::Codec<ChatState>::parse(child.local());
    return std::nullopt;
}

bool is_only_chat_state(const stanza::Message& message) {
    if (!chat_state_of(message)) return false;
    for (const xml::Element& child : message.element().children())
        if (child.ns() != chat_states_ns && !child.is({xml::client_ns, "thread"})) return false;
    return true;
}

}  // namespace aldis::xep
