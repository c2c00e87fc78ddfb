#pragma once

#include <array>
#include <string_view>

/// The ad-hoc commands (XEP-0050) that an account has for its owner, for those who list them and those who run them.
namespace aldis::modules {

struct CommandNode {
    std::string_view node;
    std::string_view name;  ///< for humans
};

inline constexpr CommandNode message_status_command{"message-status", "What became of my messages"};
inline constexpr std::array account_commands{message_status_command};

}  // namespace aldis::modules
