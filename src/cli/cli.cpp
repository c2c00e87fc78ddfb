#include "cli/cli.h"

#include <iostream>

#include "cli/commands.h"

namespace aldis::cli {
namespace {

constexpr std::array plain = {config_option};
constexpr std::array with_json = {config_option, json_option};
constexpr std::array password = {
    config_option, Option{"--password-stdin", "", "Reads the password from the first line of the standard input."},
    Option{"--generate", "", "Makes a password and prints it."}, json_option};
constexpr std::array make_dev = {config_option, Option{"--renew", "", "Replaces a certificate that is there."},
                                 json_option};
constexpr std::array with_all = {config_option, Option{"--all", "", "Also those that are resolved."}, json_option};
constexpr std::array only_json = {json_option};

constexpr Command commands[] = {
    {"serve", "", 0, 0,
     "Runs the server in the foreground.\nSIGHUP reloads the configuration, SIGTERM ends. Logs go to stderr.", plain,
     serve},
    {"user add", "JID", 1, 1,
     "Makes an account.\nThe password is asked for twice, unless an option says where it comes from.", password,
     user_add},
    {"user passwd", "JID", 1, 1,
     "Changes an account's password.\nIt is asked for twice, unless an option says where it comes from.", password,
     user_passwd},
    {"user list", "[DOMAIN]", 0, 1, "Lists the accounts.", with_json, user_list},
    {"user delete", "JID", 1, 1, "Deletes an account and everything it owns.", with_json, user_delete},
    {"user disable", "JID", 1, 1, "Ends an account's sessions and lets nobody log in.", with_json, user_disable},
    {"user enable", "JID", 1, 1, "Lets the owner of a disabled account log in again.", with_json, user_enable},
    {"user sessions", "JID", 1, 1, "Lists who is logged in to an account, and how.", with_json, user_sessions},
    {"user kick", "JID[/RESOURCE]", 1, 1,
     "Ends a session of an account, or all of them.\nThey can log in again: `user disable` prevents that.", with_json,
     user_kick},
    {"report list", "", 0, 0,
     "Lists what users have reported, the newest first.\nThose that are resolved are left out.", with_all, report_list},
    {"report show", "NUMBER", 1, 1, "Shows a report, and the messages that are kept with it.", with_json, report_show},
    {"report resolve", "NUMBER...", 1, 100, "Notes that nothing is left to be done about a report.", with_json,
     report_resolve},
    {"config check", "", 0, 0,
     "Says what is wrong with the configuration.\nExit status 2 if the server would not start with it.", with_json,
     config_check},
    {"config show", "", 0, 0, "Prints the settings in force, and where each comes from.", with_json, config_show},
    {"config reference", "", 0, 0, "Prints docs/configuration.md.", {}, config_reference},
    {"cert make-dev", "[DOMAIN]...", 0, 100,
     "Makes self-signed certificates, for development.\nOne for each domain that has none, in the data directory.",
     make_dev, cert_make_dev},
    {"version", "", 0, 0, "Prints the version.", only_json, print_version},
};

bool is_help(std::string_view word) { return word == "--help" || word == "-h"; }

bool is_group(std::string_view word) {
    return std::ranges::any_of(commands,
                               [&](const Command& one) { return one.name.starts_with(std::string{word} + " "); });
}

/// @return  the help that these arguments ask for, if they do
std::optional<std::string> asked_help(std::span<const std::string_view> arguments) {
    const std::string_view first = arguments.front();
    if (is_help(first) || first == "help") return help_for_all(commands, "");
    const auto dashes = std::ranges::find(arguments, "--");
    if (std::none_of(arguments.begin(), dashes, is_help)) return std::nullopt;
    if (is_group(first) && (arguments.size() < 2 || is_help(arguments[1]))) return help_for_all(commands, first);
    return help_for(*choose(commands, arguments).command);
}

int run(const Program& program, std::span<const std::string_view> arguments) {
    if (arguments.empty()) {
        std::cerr << help_for_all(commands, "");
        return refused;
    }
    if (const std::optional<std::string> help = asked_help(arguments)) {
        std::cout << *help;
        return 0;
    }
    if (arguments.front() == "--version") {
        constexpr std::string_view version = "version";
        return run(program, {&version, 1});
    }
    const Chosen chosen = choose(commands, arguments);
    return Invocation{*chosen.command, arguments.subspan(chosen.words)}.run(program);
}

}  // namespace

int main(const Program& program, std::span<const std::string_view> arguments) noexcept {
    try {
        return run(program, arguments);
    } catch (const UsageError& error) {
        std::cerr << "aldis: " << error.what() << "\nTry: aldis --help\n";
        return refused;
    } catch (const std::exception& error) {
        std::cerr << "aldis: " << error.what() << "\n";
        return failed;
    }
}

}  // namespace aldis::cli
