#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xep/xep0004_data_forms.h"
#include "xep/xep0066_oob.h"
#include "xml/schema.h"

/// XEP-0050: Ad-Hoc Commands 1.3.0
namespace aldis::xep::commands {

/// Also the disco node under which the commands are listed.
inline constexpr std::string_view ns = "http://jabber.org/protocol/commands";

enum class Action : std::uint8_t { cancel, complete, execute, next, prev, unknown };  ///< unknown: something else
enum class Status : std::uint8_t { canceled, completed, executing };
enum class NoteType : std::uint8_t { error, info, warn };

/// "Possible Errors"
inline constexpr stanza::Error malformed_action{
    Condition::bad_request, ErrorType::modify, "There is no such action.", {ns, "malformed-action"}};
inline constexpr stanza::Error bad_action{
    Condition::bad_request, ErrorType::modify, "This action is not possible here.", {ns, "bad-action"}};
inline constexpr stanza::Error bad_payload{
    Condition::bad_request, ErrorType::modify, "A form must be filled in.", {ns, "bad-payload"}};
inline constexpr stanza::Error bad_sessionid{
    Condition::bad_request, ErrorType::modify, "There is no such execution of this command.", {ns, "bad-sessionid"}};
inline constexpr stanza::Error session_expired{
    Condition::not_allowed, ErrorType::cancel, "This execution of the command has ended.", {ns, "session-expired"}};
inline constexpr stanza::Error forbidden{Condition::forbidden, ErrorType::cancel, {}};
inline constexpr stanza::Error no_such_command{Condition::item_not_found, ErrorType::cancel, {}};

/// What can be done next.
struct Actions {
    std::optional<Action> execute = {};  ///< what Action::execute stands for
    bool prev = false;
    bool next = false;
    bool complete = false;

    static constexpr auto schema =
        xml::element(ns, "actions", xml::attribute<&Actions::execute>("execute"), xml::flag<&Actions::prev>("prev"),
                     xml::flag<&Actions::next>("next"), xml::flag<&Actions::complete>("complete"));
};

struct Note {
    NoteType type = NoteType::info;
    std::string text;

    static constexpr auto schema =
        xml::element(ns, "note", xml::attribute_or<&Note::type>("type", NoteType::info), xml::text<&Note::text>());
};

/// A step of a command. Requests have an action, answers a status.
struct Command {
    std::string node;                           ///< which command
    std::optional<std::string> sessionid = {};  ///< which execution of it; from the first answer on
    Action action = Action::execute;
    std::optional<Status> status = {};
    std::optional<Actions> actions = {};
    std::optional<dataforms::Form> form = {};
    std::optional<OutOfBand> oob = {};
    std::vector<Note> notes = {};
    std::optional<std::string> lang = {};  ///< "Internationalization and Localization"

    static constexpr auto schema =
        xml::element(ns, "command", xml::attribute<&Command::lang>("lang", xml::xml_ns),
                     xml::attribute<&Command::node>("node"), xml::attribute<&Command::sessionid>("sessionid"),
                     xml::attribute_or<&Command::action>("action", Action::execute),
                     xml::attribute<&Command::status>("status"), xml::child<&Command::actions>(),
                     xml::child<&Command::form>(), xml::child<&Command::oob>(), xml::children<&Command::notes>());
};

}  // namespace aldis::xep::commands

template <>
struct aldis::xml::EnumNames<aldis::xep::commands::Action> {
    using enum xep::commands::Action;
    static constexpr std::array values{
        std::pair{cancel, std::string_view{"cancel"}}, std::pair{complete, std::string_view{"complete"}},
        std::pair{execute, std::string_view{"execute"}}, std::pair{next, std::string_view{"next"}},
        std::pair{prev, std::string_view{"prev"}}};
    static constexpr auto otherwise = unknown;
};

template <>
struct aldis::xml::EnumNames<aldis::xep::commands::Status> {
    using enum xep::commands::Status;
    static constexpr std::array values{std::pair{canceled, std::string_view{"canceled"}},
                                       std::pair{completed, std::string_view{"completed"}},
                                       std::pair{executing, std::string_view{"executing"}}};
};

template <>
struct aldis::xml::EnumNames<aldis::xep::commands::NoteType> {
    using enum xep::commands::NoteType;
    static constexpr std::array values{std::pair{error, std::string_view{"error"}},
                                       std::pair{info, std::string_view{"info"}},
                                       std::pair{warn, std::string_view{"warn"}}};
};
