#pragma once

#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace aldis::cli {

class Invocation;
struct Program;

/// "--config FILE", or a switch if there is no value.
struct Option {
    std::string_view name;
    std::string_view value;
    std::string_view help;
};

/// One subcommand.
struct Command {
    std::string_view name;        ///< "user add"
    std::string_view positional;  ///< "JID", "[DOMAIN]..."; for the help
    std::size_t least = 0;        ///< how many of these
    std::size_t most = 0;
    std::string_view summary;
    std::span<const Option> options;
    int (*run)(const Invocation&, const Program&);
};

/// Somebody typed something that is no command. Exit status 2.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What was typed, understood.
class Invocation {
public:
    /// Options may stand anywhere, as `--name value` or `--name=value`; after `--` nothing is an option.
    /// @throws UsageError
    Invocation(const Command& command, std::span<const std::string_view> arguments);

    [[nodiscard]] bool has(std::string_view option) const { return options_.contains(option); }
    [[nodiscard]] std::optional<std::string> value(std::string_view option) const;
    [[nodiscard]] const std::vector<std::string>& positional() const { return positional_; }
    [[nodiscard]] int run(const Program& program) const { return command_.run(*this, program); }

private:
    /// @return  how many arguments it took
    std::size_t take_option(std::span<const std::string_view> rest);
    void check_count() const;

    const Command& command_;
    std::map<std::string, std::string, std::less<>> options_;
    std::vector<std::string> positional_;
};

/// The command whose name the arguments begin with, and how many words that took.
struct Chosen {
    const Command* command;
    std::size_t words;
};

/// @throws UsageError  there is none; says which is near
[[nodiscard]] Chosen choose(std::span<const Command> commands, std::span<const std::string_view> arguments);

[[nodiscard]] std::string help_for(const Command& command);
/// All commands, or those of a group ("user").
[[nodiscard]] std::string help_for_all(std::span<const Command> commands, std::string_view group);

}  // namespace aldis::cli
