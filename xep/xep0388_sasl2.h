#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jid/jid.h"
#include "stanza/stanza.h"
#include "xep/fields.h"
#include "xml/schema.h"

/// XEP-0388: Extensible SASL Profile 1.0.4. What mechanisms say to each other stands here as on the wire, in base64:
/// whether it is well made is a question for SASL, which has its own answer to it.
namespace aldis::xep::sasl2 {

inline constexpr std::string_view ns = "urn:xmpp:sasl:2";
/// Of the conditions in Failure: RFC 6120 section 6.5.
inline constexpr std::string_view conditions_ns = "urn:ietf:params:xml:ns:xmpp-sasl";

/// What can be asked for together with the authentication: features of other XEPs.
struct Inline {
    xml::Document features = {};

    static constexpr auto schema = xml::element(ns, "inline", foreign<&Inline::features>());
};

/// The stream feature. At least one mechanism.
struct Authentication {
    std::vector<std::string> mechanisms = {};
    std::optional<Inline> inline_features = {};
    xml::Document extensions = {};  ///< e.g. XEP-0480

    static constexpr auto schema =
        xml::element(ns, "authentication", xml::text_children<&Authentication::mechanisms>("mechanism"),
                     xml::child<&Authentication::inline_features>(), foreign<&Authentication::extensions>());
};

/// Who connects. Not to be shown to anyone but the user ("Initiation").
struct UserAgent {
    std::optional<std::string> id = {};  ///< stable for the installation; must be a UUID of version 4
    std::optional<std::string> software = {};
    std::optional<std::string> device = {};

    static constexpr auto schema =
        xml::element(ns, "user-agent", xml::attribute<&UserAgent::id>("id"),
                     xml::text_child<&UserAgent::software>("software"), xml::text_child<&UserAgent::device>("device"));
};

/// Is `id` of the form that a UserAgent's must have?
[[nodiscard]] constexpr bool is_uuid(std::string_view id) {
    if (id.size() != 36) return false;
    for (std::size_t i = 0; i < id.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const char c = id[i];
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (dash ? c != '-' : !hex) return false;
    }
    return true;
}

/// Begins.
struct Authenticate {
    std::string mechanism;
    std::optional<std::string> initial_response = {};  ///< base64; empty is not the same as absent
    std::optional<UserAgent> user_agent = {};
    xml::Document requests = {};  ///< for what Inline announced

    static constexpr auto schema =
        xml::element(ns, "authenticate", xml::attribute<&Authenticate::mechanism>("mechanism"),
                     xml::text_child<&Authenticate::initial_response>("initial-response"),
                     xml::child<&Authenticate::user_agent>(), foreign<&Authenticate::requests>());
};

struct Challenge {
    std::string data;  ///< base64

    static constexpr auto schema = xml::element(ns, "challenge", xml::text<&Challenge::data>());
};

struct Response {
    std::string data;  ///< base64

    static constexpr auto schema = xml::element(ns, "response", xml::text<&Response::data>());
};

/// The client gives up.
struct Abort {
    std::optional<std::string> text = {};

    static constexpr auto schema = xml::element(ns, "abort", xml::text_child<&Abort::text>("text"));
};

struct Success {
    std::optional<std::string> additional_data = {};  ///< base64
    Jid authorization_identifier;                     ///< full where a resource was bound
    xml::Document results = {};                       ///< of what was asked for inline, or of a task

    static constexpr auto schema = xml::element(
        ns, "success", xml::text_child<&Success::additional_data>("additional-data"),
        xml::text_child<&Success::authorization_identifier>("authorization-identifier"), foreign<&Success::results>());
};

struct Failure {
    std::string condition;  ///< e.g. "not-authorized"
    std::optional<std::string> text = {};

    static constexpr auto schema = xml::element(ns, "failure", name_in<&Failure::condition>(conditions_ns),
                                                xml::text_child<&Failure::text>("text"));
};

/// The mechanism has succeeded, but one of these tasks has to be done, too.
struct Continue {
    std::optional<std::string> additional_data = {};  ///< base64
    std::vector<std::string> tasks = {};
    std::optional<std::string> text = {};

    static constexpr auto schema =
        xml::element(ns, "continue", xml::text_child<&Continue::additional_data>("additional-data"),
                     xml::text_list<&Continue::tasks>("tasks", "task"), xml::text_child<&Continue::text>("text"));
};

/// The client begins a task.
struct Next {
    std::string task;
    xml::Document data = {};

    static constexpr auto schema =
        xml::element(ns, "next", xml::attribute<&Next::task>("task"), foreign<&Next::data>());
};

/// What a task's parties say to each other.
struct TaskData {
    xml::Document data = {};

    static constexpr auto schema = xml::element(ns, "task-data", foreign<&TaskData::data>());
};

}  // namespace aldis::xep::sasl2
