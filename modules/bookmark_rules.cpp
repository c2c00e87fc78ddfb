#include "modules/bookmark_rules.h"

#include <algorithm>
#include <map>

#include "modules/stored_markup.h"
#include "xep/xep0048_bookmarks.h"
#include "xep/xep0402_pep_bookmarks.h"
#include "xml/writer.h"

namespace aldis::modules::bookmarks {
namespace {

using xep::bookmarks::Conference;
using xep::bookmarks::Storage;
using xep::bookmarks::StoredConference;

constexpr std::string_view new_ns = xep::bookmarks::ns;
constexpr std::string_view old_ns = xep::bookmarks::storage_ns;

/// Copies attributes and children of a <conference/>; its own children change their namespace with it.
void cast(xml::Element& to, const xml::Element& from) {
    for (const xml::Attribute* one = from.first_attribute(); one != nullptr; one = one->next)
        if (!(one->name == xml::Name{{}, "jid"})) to.set(one->name, one->value);
    for (const xml::Element& child : from.children()) {
        xml::Element& copy = to.append_copy(child);
        if (child.ns() == from.ns()) copy.rename({to.ns() == new_ns ? new_ns : old_ns, copy.local()});
    }
}

/// A text that is the same for what means the same, in whatever order and spelling it comes.
std::string normal(const xml::Element& conference) {
    std::map<std::string, std::string> parts;
    for (const xml::Attribute* one = conference.first_attribute(); one != nullptr; one = one->next) {
        std::string value{one->value};
        if (one->name.local == "autojoin") value = xml::Codec<bool>::parse(value).value_or(false) ? "true" : "";
        if (!value.empty()) parts["@" + std::string{one->name.ns} + " " + std::string{one->name.local}] = value;
    }
    for (const xml::Element& child : conference.children())
        parts[std::string{child.ns()} + " " + std::string{child.local()}] += xml::to_string(child);
    std::string text;
    for (const auto& [name, value] : parts) text += name + "=" + value + "\n";
    return text;
}

struct Wanted {
    std::string id;
    xml::Document payload;
};

std::optional<Wanted> wanted_of(const xml::Element& child) {
    if (!child.is(StoredConference::schema.name)) return std::nullopt;
    const Result<Jid> room = Jid::parse(child.attribute_or("jid", ""));
    if (!room) return std::nullopt;
    Wanted wanted{.id = std::string{room->bare_text()}, .payload = xml::Document{Conference::schema.name}};
    cast(wanted.payload.root(), child);
    return wanted;
}

void keep_extensions(xml::Element& payload, const xml::Element& before) {
    const xml::Name name{new_ns, "extensions"};
    const xml::Element* const extensions = before.child(name);
    if (extensions != nullptr && payload.child(name) == nullptr) payload.append_copy(*extensions);
}

/// The rooms of a list, each once; all else goes to `others`.
std::vector<Wanted> rooms_of(const xml::Element& storage, xml::Element& others) {
    std::vector<Wanted> rooms;
    std::map<std::string, std::size_t> places;
    for (const xml::Element& child : storage.children()) {
        std::optional<Wanted> one = wanted_of(child);
        if (!one) {
            others.append_copy(child);
            continue;
        }
        const auto [place, fresh] = places.try_emplace(one->id, rooms.size());
        if (!fresh) rooms[std::exchange(place->second, rooms.size())].id.clear();
        rooms.push_back(std::move(*one));
    }
    std::erase_if(rooms, [](const Wanted& room) { return room.id.empty(); });
    return rooms;
}

}  // namespace

std::optional<Jid> room_of(std::string_view id) {
    Result<Jid> jid = Jid::parse(id);
    if (!jid || !jid->is_bare()) return std::nullopt;
    return std::move(*jid);
}

Result<void> check(std::string_view id, const xml::Element& payload) {
    if (!payload.is(Conference::schema.name) || !xml::parse<Conference>(payload))
        return refuse(Condition::bad_request, ErrorType::modify, "This is no bookmark.",
                      {"http://jabber.org/protocol/pubsub#errors", "invalid-payload"});
    if (!room_of(id)) return refuse(Condition::bad_request, ErrorType::modify, "A bookmark is called by its room.");
    return {};
}

xml::Document collate(const std::vector<Bookmark>& bookmarks, const xml::Element* others) {
    xml::Document storage{Storage::schema.name};
    for (const Bookmark& bookmark : bookmarks) {
        const std::optional<Jid> room = room_of(bookmark.id);
        if (!room) continue;
        const xml::Document payload = read_stored(bookmark.payload);
        xml::Element& conference = storage.root().append(StoredConference::schema.name);
        conference.set("jid", room->text());
        cast(conference, payload.root());
    }
    if (others != nullptr)
        for (const xml::Element& other : others->children()) storage.root().append_copy(other);
    return storage;
}

Changes changes_to(const std::vector<Bookmark>& bookmarks, const xml::Element& storage) {
    std::map<std::string, const Bookmark*> there;
    for (const Bookmark& bookmark : bookmarks)
        if (const std::optional<Jid> room = room_of(bookmark.id)) there[room->text()] = &bookmark;

    Changes changes{.publish = {}, .retract = {}, .others = xml::Document{Storage::schema.name}};
    for (Wanted& one : rooms_of(storage, changes.others.root())) {
        std::string id = one.id;
        if (const auto place = there.find(one.id); place != there.end()) {
            const Bookmark& item = *place->second;
            there.erase(place);
            const xml::Document before = read_stored(item.payload);
            keep_extensions(one.payload.root(), before.root());
            if (normal(before.root()) == normal(one.payload.root())) continue;
            id = item.id;
        }
        changes.publish.push_back({.id = std::move(id), .payload = xml::to_string(one.payload.root())});
    }
    for (const auto& [room, bookmark] : there) changes.retract.push_back(bookmark->id);
    return changes;
}

bool same_list(const xml::Element& one, const xml::Element& other) {
    const auto texts = [](const xml::Element& storage) {
        std::vector<std::string> all;
        for (const xml::Element& child : storage.children()) all.push_back(normal(child));
        std::ranges::sort(all);
        return all;
    };
    return texts(one) == texts(other);
}

}  // namespace aldis::modules::bookmarks
