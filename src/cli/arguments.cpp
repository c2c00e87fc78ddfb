#include "cli/arguments.h"

#include "config/suggest.h"

namespace aldis::cli {
namespace {

std::string with_hint(std::string text, std::string_view word, std::span<const std::string_view> candidates) {
    const std::string hint = config::did_you_mean(word, candidates);
    return hint.empty() ? text : text + "; " + hint;
}

const Option* find(std::span<const Option> options, std::string_view name) {
    const auto found = std::ranges::find(options, name, &Option::name);
    return found == options.end() ? nullptr : &*found;
}

std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        words.emplace_back(first_word(text));
        text.remove_prefix(std::min(text.size(), words.back().size() + 1));
    }
    return words;
}

bool begins_with(std::span<const std::string_view> arguments, const std::vector<std::string>& words) {
    return arguments.size() >= words.size() && std::equal(words.begin(), words.end(), arguments.begin());
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size() + 2), ' ');
    return text;
}

}  // namespace

Invocation::Invocation(const Command& command, std::span<const std::string_view> arguments) : command_{command} {
    bool options_end = false;
    while (!arguments.empty()) {
        const std::string_view word = arguments.front();
        std::size_t taken = 1;
        if (!options_end && word == "--")
            options_end = true;
        else if (!options_end && word.size() > 1 && word.starts_with('-'))
            taken = take_option(arguments);
        else
            positional_.emplace_back(word);
        arguments = arguments.subspan(taken);
    }
    check_count();
}

std::size_t Invocation::take_option(std::span<const std::string_view> rest) {
    const std::string_view word = rest.front();
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const Option* const option = find(command_.options, name);
    if (option == nullptr) {
        std::vector<std::string_view> names{"--help"};
        for (const Option& one : command_.options) names.push_back(one.name);
        throw UsageError{with_hint("unknown option " + std::string{name}, name, names)};
    }
    if (option->value.empty()) {
        if (equals != std::string_view::npos) throw UsageError{std::string{name} + " takes no value"};
        options_[std::string{name}];
        return 1;
    }
    if (equals != std::string_view::npos) {
        options_[std::string{name}] = word.substr(equals + 1);
        return 1;
    }
    if (rest.size() < 2) throw UsageError{std::string{name} + " needs a value: " + std::string{option->value}};
    options_[std::string{name}] = rest[1];
    return 2;
}

void Invocation::check_count() const {
    if (positional_.size() < command_.least)
        throw UsageError{"something is missing: aldis " + std::string{command_.name} + " " +
                         std::string{command_.positional}};
    if (positional_.size() > command_.most) throw UsageError{"too much: " + positional_[command_.most]};
}

std::optional<std::string> Invocation::value(std::string_view option) const {
    const auto found = options_.find(option);
    return found == options_.end() ? std::nullopt : std::optional{found->second};
}

Chosen choose(std::span<const Command> commands, std::span<const std::string_view> arguments) {
    std::vector<std::string_view> firsts;
    std::vector<std::string_view> seconds;
    for (const Command& command : commands) {
        const std::vector<std::string> words = split(command.name);
        if (begins_with(arguments, words)) return {&command, words.size()};
        firsts.push_back(first_word(command.name));
        if (words.size() > 1 && arguments.front() == words.front())
            seconds.push_back(command.name.substr(words.front().size() + 1));
    }
    const std::string group{arguments.front()};
    if (seconds.empty()) throw UsageError{with_hint("unknown command " + group, group, firsts)};
    if (arguments.size() < 2) throw UsageError{"aldis " + group + " needs one more word"};
    throw UsageError{with_hint("unknown command " + group + " " + std::string{arguments[1]}, arguments[1], seconds)};
}

std::string help_for(const Command& command) {
    std::string text = "Usage: aldis " + std::string{command.name};
    if (!command.positional.empty()) text += " " + std::string{command.positional};
    text += " [OPTION]...\n\n" + std::string{command.summary} + "\n\n";
    for (const Option& option : command.options) {
        const std::string shown =
            std::string{option.name} + (option.value.empty() ? "" : " ") + std::string{option.value};
        text += "  " + padded(shown, 20) + std::string{option.help} + "\n";
    }
    return text + "  " + padded("--help", 20) + "Prints this.\n";
}

std::string help_for_all(std::span<const Command> commands, std::string_view group) {
    std::string text =
        "Usage: aldis " + (group.empty() ? "COMMAND" : std::string{group} + " COMMAND") + " [ARGUMENT]...\n\n";
    if (group.empty()) text += "Aldis is an XMPP server.\n\n";
    for (const Command& command : commands) {
        if (!group.empty() && first_word(command.name) != group) continue;
        const std::string shown = std::string{command.name} + " " + std::string{command.positional};
        text += "  " + padded(shown, 28) + std::string{command.summary.substr(0, command.summary.find('\n'))} + "\n";
    }
    return text + "\n`aldis COMMAND --help` says more about each. docs/configuration.md is about the file.\n";
}

}  // namespace aldis::cli
