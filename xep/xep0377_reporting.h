#pragma once

#include <optional>
#include <string>
#include <vector>

#include "xep/xep0359_stanza_ids.h"
#include "xml/schema.h"

/// XEP-0377: Blocking Command Reports 0.4.1
namespace aldis::xep::reporting {

inline constexpr std::string_view ns = "urn:xmpp:reporting:1";
inline constexpr std::string_view spam = "urn:xmpp:reporting:spam";
inline constexpr std::string_view abuse = "urn:xmpp:reporting:abuse";

/// Why somebody is blocked, for the operators of the server: inside an <item/> of XEP-0191.
struct Report {
    std::string reason;                   ///< a URN; others than those above may be registered
    std::vector<std::string> texts = {};  ///< one per language
    std::vector<StanzaId> messages = {};  ///< that are reported
    bool report_origin = false;           ///< may be forwarded to where the messages came from ...
    bool third_party = false;             ///< ... and to services that process reports

    static constexpr auto schema =
        xml::element(ns, "report", xml::attribute<&Report::reason>("reason"), xml::children<&Report::messages>(),
                     xml::text_children<&Report::texts>("text"), xml::flag<&Report::report_origin>("report-origin"),
                     xml::flag<&Report::third_party>("third-party"));
};

}  // namespace aldis::xep::reporting
