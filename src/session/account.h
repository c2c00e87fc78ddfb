#pragma once

#include <memory>
#include <vector>

#include "session/blocklist.h"
#include "session/contacts.h"
#include "session/delivery.h"
#include "session/host.h"
#include "session/session.h"
#include "session/transfer.h"
#include "session/transit.h"

namespace aldis::session {

class Account;
class Home;

/// Why there is no account to be had.
enum class Missing : std::uint8_t {
    nobody,  ///< there is no such account, or it is disabled
    failed,  ///< it could not be read, now
};
using UseAccount = std::move_only_function<void(Account*, Missing)>;

/// XEP-0191 section 3.3: nobody may write to whom he blocks.
inline constexpr stanza::Error blocked_by_sender{
    Condition::not_acceptable, ErrorType::cancel, {}, {"urn:xmpp:blocking:errors", "blocked"}};

/// What a client may say of a contact: RFC 6121 sections 2.1.2 and 2.3.3. The subscription is not among it.
struct RosterWish {
    Jid contact;
    bool remove = false;
    std::string name;
    std::vector<std::string> groups;
};

/// A user's home: everything that belongs to one bare address is decided here, on one shard, one stanza at a time.
class Account {
public:
    Account(Home& home, Host& host, Jid jid);
    Account(const Account&) = delete;
    Account& operator=(const Account&) = delete;
    ~Account();

    /// The bare address.
    [[nodiscard]] const Jid& jid() const { return jid_; }
    [[nodiscard]] Home& home() const { return home_; }
    [[nodiscard]] Host& host() const { return host_; }
    [[nodiscard]] const Contacts& contacts() const { return contacts_; }
    [[nodiscard]] Slots& slots() { return slots_; }
    template <class T>
    [[nodiscard]] T& slot() {
        return slots_.get<T>();
    }

    [[nodiscard]] const std::vector<std::unique_ptr<Session>>& sessions() const { return sessions_; }
    [[nodiscard]] Session* find(std::string_view resource) const;
    [[nodiscard]] Session* find(std::uint64_t id) const;
    [[nodiscard]] bool has_available() const;
    [[nodiscard]] bool usable() const { return ready_ && !forgotten_; }
    /// What waited is being sent: what comes now queues behind it.
    void set_draining(bool yes) { draining_ = yes; }
    /// What waits on behalf of the account and not of one session.
    [[nodiscard]] TaskGroup& tasks();

    /// Whom it does not want to hear of, nor be heard by: XEP-0191.
    [[nodiscard]] Blocklist& blocklist() { return blocklist_; }
    /// Its own server's answers and its own resources cannot be blocked.
    [[nodiscard]] bool blocks(const Jid& other) const {
        return !blocklist_.empty() && !other.same_bare(jid_) && other != host_.jid() && blocklist_.blocks(other);
    }

    // account.cpp
    /// A new session, without a stream. One of the same resource is replaced.
    Session& bind(const Jid& full);
    /// The session has gone for good: what its client has not got goes on to where it is kept.
    void leave(Session& session);
    /// Nobody has resumed it in time.
    void give_up(Session& session);
    void end_all(stream::StreamCondition condition, std::string_view text);
    /// Ends the sessions of one user agent (XEP-0388), with a conflict.
    void end_of_client(std::string_view client, std::string_view text);
    /// One of our sessions has the message.
    void taken(Delivery& delivery);
    /// The session that can be resumed by this SM-ID (XEP-0198).
    [[nodiscard]] Session* find_resumable(std::string_view id) const;

    // account_messages.cpp
    void outward(Session& session, Message message, std::uint64_t number);
    void outward(Session& session, Iq iq);
    /// A message of ours is on disk: our other resources may see it.
    void sent(std::uint64_t session, const Bytes& wire, std::optional<db::ArchiveId> id);
    /// Anything that arrives for this account, from this server or another.
    void inward(Transfer transfer);
    /// What the transfer had to write is on disk.
    void deliver(Transfer transfer);

    // account_presence.cpp
    void outward(Session& session, Presence presence);
    /// Tells everybody concerned that a resource has gone.
    void gone(Session& session, const Presence* said);
    /// A contact's presence for all who are here to see it; `wire` has no 'to'.
    void show(const Bytes& wire);
    /// Tells it to one address: what our resources have said last, or that they are gone.
    void show_resources(const Jid& to, bool visible);
    /// Says once more what a resource has said last, as modules amend it now.
    void show_again(Session& session);
    /// Somebody who has a subscription asks for our presence: answers with one stanza per resource.
    void answer_probe(const Jid& from);

    // account_roster.cpp
    [[nodiscard]] mod::Reply roster_get(const mod::Request& request);
    /// Answers when the change is on disk, unless it refuses.
    [[nodiscard]] mod::Reply roster_set(const mod::Request& request);
    /// Remembers who wrote last, as long as something of theirs is on its way to the disk.
    void pin(std::size_t sender) { held_.push_back(sender); }
    void unpin(std::size_t sender);
    [[nodiscard]] bool pinned_by(std::size_t sender) const;
    /// Something besides a session needs it.
    [[nodiscard]] bool in_use() const {
        return !held_.empty() || keep_ > 0 || (tasks_ && tasks_->size() > 0) || sending_.begun() != sending_.finished();
    }
    /// A message of ours is on disk, or lost.
    void finish_sending(std::uint64_t order);

private:
    friend class Home;

    [[nodiscard]] Presences presences(const Jid& to) const;
    [[nodiscard]] mod::Step run(mod::Direction direction, mod::Phase phase, Transit& transit);
    void inward_message(Transfer transfer);
    [[nodiscard]] mod::Step prepare(Transfer& transfer, Transit& transit);
    void queue_behind(Transfer& transfer, Transit& transit);
    void take_repeat(Transfer transfer);
    void look_at_repeats();
    void rescue(const std::vector<Unacknowledged::Stanza>& lost);
    void rescue(const Unacknowledged::Stanza& stanza);
    void deliver_again(Message message, Timestamp sent_at, std::shared_ptr<const Backup> backup);
    [[nodiscard]] std::shared_ptr<const Backup> back_up(Transit& transit);
    void release(Transfer& transfer);
    [[nodiscard]] bool blocked(Transfer& transfer);
    [[nodiscard]] std::vector<Jid> contacts_with(Subscription direction) const;
    void amend(Session& session, Presence& presence);
    void subscription_changed(const Jid& contact, Subscription before, Subscription after);
    void inward_presence(Transfer transfer);
    void inward_iq(Transfer transfer);
    [[nodiscard]] bool may_ask(const Jid& from, const Jid& to) const;
    void inward_subscription(Transfer transfer);
    void deliver_message(Transfer& transfer, Message& message);
    template <class Send>
    void to_audience(Audience audience, const Jid& to, Send&& send);

    void broadcast(Session& session, const Bytes& wire, bool unavailable);
    void directed(Session& session, Presence presence);
    void subscription(Session& session, Presence presence);
    void subscription_stored(Transfer transfer, const SubscriptionStep& step, const SubscriptionState& before,
                             const std::optional<db::RosterItem>& changed);
    std::optional<db::RosterItem> apply(db::Unit& unit, const std::string& contact, const SubscriptionState& before,
                                        const SubscriptionState& next);
    [[nodiscard]] bool roster_is_full_for(const std::string& contact, const SubscriptionState& next) const;
    void became_available(Session& session);
    void probe_contacts(Session& session);
    void show_to_own(Session& session, const Bytes& wire);
    struct RosterChange {
        std::uint64_t session;  ///< that has asked for it
        Iq reply;
        db::RosterItem item = {};
        bool removed = false;
    };
    void keep_contact(std::shared_ptr<RosterChange> change, const std::optional<db::RosterItem>& before,
                      const RosterWish& wish);
    void remove_contact(std::shared_ptr<RosterChange> change, const db::RosterItem& item);
    void contact_told(const std::shared_ptr<RosterChange>& change, bool pending_in);
    void changed(const RosterChange& change, bool stored);
    void cancel_subscriptions(const db::RosterItem& item, bool pending_in,
                              std::move_only_function<void(bool stored)> then);
    /// Writes the item and shows it to the interested resources when that is done.
    db::RosterItem change(db::Unit& unit, db::RosterItem item);
    void push(const db::RosterItem& item);
    void push_removal(std::string_view contact, std::uint64_t version);
    void send_push(const std::function<void(xml::Element& query)>& fill, std::uint64_t version);
    void load_contacts_again();
    void read_contacts();

    Home& home_;
    Host& host_;
    Jid jid_;
    std::vector<std::unique_ptr<Session>> sessions_;
    Contacts contacts_;
    Blocklist blocklist_;
    Slots slots_;
    std::unique_ptr<TaskGroup> tasks_;
    std::vector<std::size_t> held_;                     ///< hashes of senders with something on its way to the disk
    std::unique_ptr<std::vector<UseAccount>> waiting_;  ///< for it to be loaded
    Instant last_used_{};
    std::uint32_t keep_ = 0;  ///< uses that are not sessions
    bool ready_ = false;
    bool forgotten_ = false;  ///< what is in memory is no longer what is on disk
    bool draining_ = false;
    std::uint32_t waking_ = 0;  ///< resources that are to get what waits for them
    Handled sending_;           ///< messages of all our sessions
    struct Repeat {
        std::uint64_t after;  ///< it is looked at when all up to this one are done with
        Transfer transfer;
    };
    std::unique_ptr<std::vector<Repeat>> repeats_;
};

/// Calls `send` with each session that is meant.
template <class Send>
void Account::to_audience(Audience audience, const Jid& to, Send&& send) {
    for (const auto& session : sessions_) {
        if (!session->reachable()) continue;
        const bool wanted = audience == Audience::exact          ? session->jid().resource() == to.resource()
                            : audience == Audience::non_negative ? session->available() && session->priority() >= 0
                            : audience == Audience::available    ? session->available()
                                                                 : false;
        if (wanted) send(*session);
    }
}

}  // namespace aldis::session
