#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jid/jid.h"
#include "xml/element.h"

/// The same bookmarks as items of their own (XEP-0402) and as one list (XEP-0048). No side effects.
namespace aldis::modules::bookmarks {

/// An item of the node of XEP-0402.
struct Bookmark {
    std::string id;       ///< the address of a room
    std::string payload;  ///< <conference/>, as it stands in a stream of jabber:client

    friend bool operator==(const Bookmark&, const Bookmark&) = default;
};

/// The room that an item is about. @return  nothing: its id is no bare address
[[nodiscard]] std::optional<Jid> room_of(std::string_view id);

/// May this be published as a bookmark?
[[nodiscard]] Result<void> check(std::string_view id, const xml::Element& payload);

/// XEP-0402 "Publishing via this specification": all bookmarks as one <storage/>.
/// @param others  a <storage/> with what is no bookmark of a room; may be null
[[nodiscard]] xml::Document collate(const std::vector<Bookmark>& bookmarks, const xml::Element* others);

/// What has to happen with the items so that they are as a list says.
struct Changes {
    std::vector<Bookmark> publish;
    std::vector<std::string> retract;  ///< ids
    /// <storage/> with what cannot be an item: links to pages, rooms with an impossible address.
    xml::Document others;
};

/// XEP-0402 "Publishing via the old specification". What has not changed is not published. Of a room that is there
/// twice the last counts; <extensions/>, which the older clients do not know, stay where they say nothing of them.
[[nodiscard]] Changes changes_to(const std::vector<Bookmark>& bookmarks, const xml::Element& storage);

/// Whether two <storage/> say the same.
[[nodiscard]] bool same_list(const xml::Element& one, const xml::Element& other);

}  // namespace aldis::modules::bookmarks
