#include "stream/error.h"

#include <array>

#include "xml/writer.h"

namespace aldis::stream {
namespace {

/// In the order of the enumeration.
constexpr std::array<std::string_view, 25> names{"bad-format",
                                                 "bad-namespace-prefix",
                                                 "conflict",
                                                 "connection-timeout",
                                                 "host-gone",
                                                 "host-unknown",
                                                 "improper-addressing",
                                                 "internal-server-error",
                                                 "invalid-from",
                                                 "invalid-namespace",
                                                 "invalid-xml",
                                                 "not-authorized",
                                                 "not-well-formed",
                                                 "policy-violation",
                                                 "remote-connection-failed",
                                                 "reset",
                                                 "resource-constraint",
                                                 "restricted-xml",
                                                 "see-other-host",
                                                 "system-shutdown",
                                                 "undefined-condition",
                                                 "unsupported-encoding",
                                                 "unsupported-feature",
                                                 "unsupported-stanza-type",
                                                 "unsupported-version"};

}  // namespace

std::string_view name_of(StreamCondition condition) { return names[static_cast<std::size_t>(condition)]; }

StreamCondition condition_of(xml::Fault fault) {
    switch (fault) {
        case xml::Fault::not_well_formed: return StreamCondition::not_well_formed;
        case xml::Fault::restricted: return StreamCondition::restricted_xml;
        case xml::Fault::unsupported_encoding: return StreamCondition::unsupported_encoding;
        case xml::Fault::stray_text: return StreamCondition::bad_format;
        case xml::Fault::too_big: return StreamCondition::policy_violation;
    }
    return StreamCondition::undefined_condition;
}

Ending ending_of(StreamCondition condition) {
    if (condition == StreamCondition::connection_timeout) return Ending::lost;
    return condition == StreamCondition::system_shutdown ? Ending::shutdown : Ending::refused;
}

std::string to_xml(StreamCondition condition, std::string_view text, std::string_view specific) {
    std::string out = "<stream:error><";
    out.append(name_of(condition)).append(" xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>");
    if (!text.empty()) {
        out += "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>";
        xml::escape_text(out, text);
        out += "</text>";
    }
    return out.append(specific) + "</stream:error>";
}

}  // namespace aldis::stream
