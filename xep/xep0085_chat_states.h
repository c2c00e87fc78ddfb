#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "stanza/stanza.h"
#include "xml/codec.h"

/// XEP-0085: Chat State Notifications 2.1
namespace aldis::xep {

inline constexpr std::string_view chat_states_ns = "http://jabber.org/protocol/chatstates";

enum class ChatState : std::uint8_t { active, composing, gone, inactive, paused };

/// The state that a message tells, alone or beside its body.
[[nodiscard]] std::optional<ChatState> chat_state_of(const stanza::Message& message);

/// Is there nothing in the message but a chat state, and maybe the thread it belongs to? ("Business Rules")
[[nodiscard]] bool is_only_chat_state(const stanza::Message& message);

}  // namespace aldis::xep

template <>
struct aldis::xml::EnumNames<aldis::xep::ChatState> {
    using enum xep::ChatState;
    static constexpr std::array values{
        std::pair{active, std::string_view{"active"}}, std::pair{composing, std::string_view{"composing"}},
        std::pair{gone, std::string_view{"gone"}}, std::pair{inactive, std::string_view{"inactive"}},
        std::pair{paused, std::string_view{"paused"}}};
};
