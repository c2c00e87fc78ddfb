#include "session/contacts.h"

#include <algorithm>
#include <cstring>

namespace aldis::session {
namespace {

void append_number(std::string& pool, std::size_t number) {
    const auto small = static_cast<std::uint16_t>(number);
    pool.append(reinterpret_cast<const char*>(&small), sizeof small);
}

void append_text(std::string& pool, std::string_view text) {
    append_number(pool, text.size());
    pool += text;
}

std::uint16_t read_number(std::string_view& rest) {
    std::uint16_t number = 0;
    std::memcpy(&number, rest.data(), sizeof number);
    rest.remove_prefix(sizeof number);
    return number;
}

std::string read_text(std::string_view& rest) {
    const std::uint16_t length = read_number(rest);
    std::string text{rest.substr(0, length)};
    rest.remove_prefix(length);
    return text;
}

}  // namespace

Contacts::Contacts(const db::RosterState& stored) : version_{stored.version}, requests_{stored.requests} {
    entries_.reserve(stored.items.size());
    for (const db::RosterItem& item : stored.items) entries_.push_back(write(item));
    std::ranges::sort(entries_, {}, [this](const Entry& entry) { return name_of(entry); });
    pool_.shrink_to_fit();
}

std::vector<Contacts::Entry>::const_iterator Contacts::place_of(std::string_view contact) const {
    return std::ranges::lower_bound(entries_, contact, {}, [this](const Entry& entry) { return name_of(entry); });
}

const Contacts::Entry* Contacts::entry_of(std::string_view contact) const {
    const auto place = place_of(contact);
    return place != entries_.end() && name_of(*place) == contact ? &*place : nullptr;
}

Contacts::Entry Contacts::write(const db::RosterItem& item) {
    const Entry entry{.at = static_cast<std::uint32_t>(pool_.size()),
                      .length = static_cast<std::uint16_t>(item.contact.size()),
                      .subscription = item.subscription,
                      .flags = static_cast<std::uint8_t>((item.ask ? asked : 0) | (item.approved ? approved : 0))};
    pool_ += item.contact;
    append_text(pool_, item.name);
    append_number(pool_, item.groups.size());
    for (const std::string& group : item.groups) append_text(pool_, group);
    return entry;
}

db::RosterItem Contacts::read(const Entry& entry) const {
    db::RosterItem item{.contact = std::string{name_of(entry)},
                        .name = {},
                        .subscription = entry.subscription,
                        .ask = (entry.flags & asked) != 0,
                        .approved = (entry.flags & approved) != 0,
                        .groups = {}};
    std::string_view rest = std::string_view{pool_}.substr(entry.at + entry.length);
    item.name = read_text(rest);
    for (std::uint16_t groups = read_number(rest); groups > 0; --groups) item.groups.push_back(read_text(rest));
    return item;
}

std::optional<db::RosterItem> Contacts::find(std::string_view contact) const {
    const Entry* const entry = entry_of(contact);
    if (entry == nullptr) return std::nullopt;
    return read(*entry);
}

std::vector<db::RosterItem> Contacts::all() const {
    std::vector<db::RosterItem> items;
    items.reserve(entries_.size());
    for (const Entry& entry : entries_) items.push_back(read(entry));
    return items;
}

std::size_t Contacts::size_of(const Entry& entry) const {
    std::string_view rest = std::string_view{pool_}.substr(entry.at + entry.length);
    const std::size_t before = rest.size();
    read_text(rest);
    for (std::uint16_t groups = read_number(rest); groups > 0; --groups) read_text(rest);
    return entry.length + before - rest.size();
}

void Contacts::put(const db::RosterItem& item) {
    erase(item.contact);
    const Entry entry = write(item);
    entries_.insert(place_of(item.contact), entry);
}

void Contacts::erase(std::string_view contact) {
    const auto place = place_of(contact);
    if (place == entries_.end() || name_of(*place) != contact) return;
    garbage_ += size_of(*place);
    entries_.erase(place);
    if (garbage_ > 1024 && garbage_ > pool_.size() / 2) compact();
}

void Contacts::compact() {
    const std::vector<db::RosterItem> items = all();
    pool_.clear();
    garbage_ = 0;
    for (std::size_t i = 0; i < items.size(); ++i) entries_[i] = write(items[i]);
    pool_.shrink_to_fit();
}

void Contacts::put_request(std::string_view contact, std::string stanza) {
    erase_request(contact);
    requests_.push_back({std::string{contact}, std::move(stanza)});
}

void Contacts::erase_request(std::string_view contact) {
    std::erase_if(requests_, [&](const db::RosterRequest& request) { return request.contact == contact; });
}

SubscriptionState Contacts::state(std::string_view contact) const {
    SubscriptionState state;
    if (const Entry* const entry = entry_of(contact)) {
        state.subscription = entry->subscription;
        state.pending_out = (entry->flags & asked) != 0;
        state.approved = (entry->flags & approved) != 0;
    }
    state.pending_in =
        std::ranges::any_of(requests_, [&](const db::RosterRequest& request) { return request.contact == contact; });
    return state;
}

}  // namespace aldis::session
