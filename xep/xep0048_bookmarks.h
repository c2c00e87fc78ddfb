#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xml/schema.h"

/// XEP-0048: Bookmarks 1.2
namespace aldis::xep::bookmarks {

/// Also the node of the account's PEP service, and what is asked for in XEP-0049.
inline constexpr std::string_view storage_ns = "storage:bookmarks";
/// The one item of that node.
inline constexpr std::string_view storage_item = "current";

/// All bookmarks in one element: <conference/> and <url/>.
struct Storage {
    static constexpr auto schema = xml::element(storage_ns, "storage");
};

/// One room in it.
struct StoredConference {
    std::string jid;
    std::optional<std::string> name = {};
    std::optional<bool> autojoin = {};
    std::optional<std::string> nick = {};
    std::optional<std::string> password = {};

    static constexpr auto schema = xml::element(
        storage_ns, "conference", xml::attribute<&StoredConference::jid>("jid"),
        xml::attribute<&StoredConference::name>("name"), xml::attribute<&StoredConference::autojoin>("autojoin"),
        xml::text_child<&StoredConference::nick>("nick"), xml::text_child<&StoredConference::password>("password"));
};

}  // namespace aldis::xep::bookmarks
