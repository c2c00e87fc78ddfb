#include "modules/blocking_rules.h"

#include <algorithm>
#include <unordered_set>

namespace aldis::modules::blocking {

using xep::blocking::Item;

Result<std::vector<Jid>> addresses_of(const std::vector<Item>& items) {
    std::vector<Jid> addresses;
    std::unordered_set<Jid> seen;
    for (const Item& item : items) {
        Result<Jid> address = Jid::parse(item.jid);
        if (!address) return refuse(Condition::jid_malformed, ErrorType::modify);
        if (seen.insert(*address).second) addresses.push_back(std::move(*address));
    }
    return addresses;
}

std::vector<Item> items_of(const std::vector<Jid>& addresses) {
    std::vector<Item> items;
    items.reserve(addresses.size());
    for (const Jid& address : addresses) items.push_back({.jid = address.text()});
    return items;
}

std::vector<Item> items_of(const session::Blocklist& blocklist) {
    std::vector<Item> items;
    items.reserve(blocklist.size());
    blocklist.for_each([&](std::string_view address) { items.push_back({.jid = std::string{address}}); });
    return items;
}

bool is_full_for(const session::Blocklist& blocklist, const std::vector<Jid>& added, std::size_t most) {
    const auto fresh = std::ranges::count_if(added, [&](const Jid& address) { return !blocklist.contains(address); });
    return fresh > 0 && blocklist.size() + static_cast<std::size_t>(fresh) > most;
}

Audience audience_of(const session::Contacts& contacts, const session::Blocklist& before,
                     const session::Blocklist& after, const std::vector<Jid>& items) {
    using db::Subscription;
    Audience audience;
    contacts.for_each([&](std::string_view contact, Subscription subscription) {
        if (subscription == Subscription::none) return;
        const Result<Jid> jid = Jid::parse(contact);
        if (!jid) return;
        const bool was = before.blocks(*jid);
        const bool is = after.blocks(*jid);
        if (was == is) return;
        if (subscription != Subscription::to) (is ? audience.lost : audience.gained).push_back(*jid);
        if (was && subscription != Subscription::from) audience.back.push_back(*jid);
    });
    // A resource of somebody who may go on.
    for (const Jid& item : items) {
        if (item.is_bare() || !contacts.subscribed_from(item.bare_text())) continue;
        const Jid bare = item.bare();
        const bool was = before.blocks(item);
        const bool is = after.blocks(item);
        if (was != is && !before.blocks(bare) && !after.blocks(bare))
            (is ? audience.lost : audience.gained).push_back(item);
    }
    return audience;
}

}  // namespace aldis::modules::blocking
