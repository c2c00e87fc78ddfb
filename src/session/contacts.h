#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/roster.h"
#include "session/subscription.h"

namespace aldis::session {

/// An account's roster in memory: a few dozen bytes a contact, because every session online has one.
class Contacts {
public:
    Contacts() = default;
    explicit Contacts(const db::RosterState& stored);

    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] std::uint64_t version() const { return version_; }
    void set_version(std::uint64_t version) { version_ = version; }

    [[nodiscard]] std::optional<db::RosterItem> find(std::string_view contact) const;
    [[nodiscard]] std::vector<db::RosterItem> all() const;
    void put(const db::RosterItem& item);
    void erase(std::string_view contact);

    /// Requests for a subscription that the user has not answered. They need not be in the roster.
    [[nodiscard]] const std::vector<db::RosterRequest>& requests() const { return requests_; }
    void put_request(std::string_view contact, std::string stanza);
    void erase_request(std::string_view contact);

    [[nodiscard]] SubscriptionState state(std::string_view contact) const;
    /// May this contact see the user's presence?
    [[nodiscard]] bool subscribed_from(std::string_view contact) const { return state(contact).from(); }

    /// Calls `visit(contact, subscription)` for everybody in the roster.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const Entry& entry : entries_) visit(name_of(entry), entry.subscription);
    }

private:
    struct Entry {
        std::uint32_t at;      ///< in pool_: contact, name, groups
        std::uint16_t length;  ///< of the contact's address
        Subscription subscription;
        std::uint8_t flags;
    };
    static constexpr std::uint8_t asked = 1;
    static constexpr std::uint8_t approved = 2;

    [[nodiscard]] std::string_view name_of(const Entry& entry) const {
        return std::string_view{pool_}.substr(entry.at, entry.length);
    }
    [[nodiscard]] std::vector<Entry>::const_iterator place_of(std::string_view contact) const;
    [[nodiscard]] const Entry* entry_of(std::string_view contact) const;
    [[nodiscard]] db::RosterItem read(const Entry& entry) const;
    /// Bytes of pool_ that it uses.
    [[nodiscard]] std::size_t size_of(const Entry& entry) const;
    Entry write(const db::RosterItem& item);
    void compact();

    std::vector<Entry> entries_;  ///< sorted by address
    std::string pool_;
    std::size_t garbage_ = 0;  ///< bytes of pool_ that no entry uses any more
    std::uint64_t version_ = 0;
    std::vector<db::RosterRequest> requests_;
};

}  // namespace aldis::session
