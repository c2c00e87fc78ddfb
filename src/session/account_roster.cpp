// The roster: RFC 6121 section 2.
#include <algorithm>

#include "session/account.h"
#include "session/home.h"

namespace aldis::session {
namespace {

constexpr std::string_view roster_ns = "jabber:iq:roster";

std::string_view name_of(Subscription subscription) {
    switch (subscription) {
        case Subscription::none: return "none";
        case Subscription::to: return "to";
        case Subscription::from: return "from";
        case Subscription::both: return "both";
    }
    return "none";
}

void append_item(xml::Element& query, const db::RosterItem& item) {
    xml::Element& element =
        query.append("item").set("jid", item.contact).set("subscription", name_of(item.subscription));
    if (!item.name.empty()) element.set("name", item.name);
    if (item.ask) element.set("ask", "subscribe");
    if (item.approved) element.set("approved", "true");
    for (const std::string& group : item.groups) element.append("group").append_text(group);
}

constexpr stanza::Error bad{Condition::bad_request, ErrorType::modify, {}};
constexpr stanza::Error not_acceptable{Condition::not_acceptable, ErrorType::modify, {}};

Iq not_stored(const Iq& reply) {
    Iq error{{.from = reply.from(), .to = reply.to(), .type = IqType::error, .id = reply.id().value_or("")}};
    stanza::add_error(error.edit(), {Condition::internal_server_error, ErrorType::wait, "This could not be stored."});
    return error;
}

Result<std::vector<std::string>> groups_of(const xml::Element& item, const Limits& limits) {
    std::vector<std::string> groups;
    for (const xml::Element& child : item.children()) {
        if (!child.is({roster_ns, "group"})) continue;
        std::string group = child.text();
        if (group.empty() || group.size() > limits.roster_text || groups.size() >= limits.roster_groups)
            return std::unexpected{not_acceptable};
        if (std::ranges::find(groups, group) != groups.end()) return std::unexpected{bad};
        groups.push_back(std::move(group));
    }
    return groups;
}

Result<RosterWish> read_wish(const xml::Element& query, const Limits& limits) {
    const xml::Element* item = nullptr;
    for (const xml::Element& child : query.children()) {
        if (!child.is({roster_ns, "item"})) continue;
        if (item != nullptr) return std::unexpected{bad};  // one at a time: section 2.1.5
        item = &child;
    }
    if (item == nullptr) return std::unexpected{bad};
    Result<Jid> contact = Jid::parse(item->attribute_or("jid", ""));
    if (!contact) return std::unexpected{stanza::Error{Condition::jid_malformed, ErrorType::modify, {}}};
    RosterWish wish{.contact = contact->bare(),
                    .remove = item->attribute_or("subscription", "") == "remove",
                    .name = {},
                    .groups = {}};
    if (wish.remove) return wish;
    wish.name = item->attribute_or("name", "");
    if (wish.name.size() > limits.roster_text) return std::unexpected{not_acceptable};
    Result<std::vector<std::string>> groups = groups_of(*item, limits);
    if (!groups) return std::unexpected{groups.error()};
    wish.groups = std::move(*groups);
    return wish;
}

}  // namespace

mod::Reply Account::roster_get(const mod::Request& request) {
    if (request.session != nullptr) request.session->set_interested();
    const std::optional<std::string_view> known = request.iq->payload()->attribute("ver");
    const std::string version = std::to_string(contacts_.version());
    if (known && *known == version) return xml::Document{};  // section 2.6.3: nothing has changed
    xml::Document result{xml::Name{roster_ns, "query"}};
    // A change that is not on disk yet has no version that a client may keep.
    if (keep_ == 0) result.root().set("ver", version);
    for (const db::RosterItem& item : contacts_.all()) append_item(result.root(), item);
    return result;
}

mod::Reply Account::roster_set(const mod::Request& request) {
    if (request.session == nullptr) return refuse(Condition::forbidden, ErrorType::auth);
    if (host_.domain().anonymous) return refuse(Condition::not_allowed, ErrorType::cancel, "Guests have no contacts.");
    Session& session = *request.session;
    const Result<RosterWish> wish = read_wish(*request.iq->payload(), home_.limits());
    if (!wish) return std::unexpected{wish.error()};
    const std::string contact{wish->contact.text()};
    if (wish->contact == jid_)
        return refuse(Condition::not_allowed, ErrorType::cancel, "One is no contact of oneself.");
    const std::optional<db::RosterItem> before = contacts_.find(contact);
    if (wish->remove && !before) return refuse(Condition::item_not_found, ErrorType::cancel);
    if (!before && contacts_.size() >= home_.limits().roster_items)
        return refuse(Condition::resource_constraint, ErrorType::cancel, "The roster is full.");

    auto change =
        std::make_shared<RosterChange>(RosterChange{.session = session.id(), .reply = stanza::result_of(*request.iq)});
    session.block();
    ++keep_;
    wish->remove ? remove_contact(std::move(change), *before) : keep_contact(std::move(change), before, *wish);
    return xml::Document{};
}

void Account::keep_contact(std::shared_ptr<RosterChange> change, const std::optional<db::RosterItem>& before,
                           const RosterWish& wish) {
    change->item = before.value_or(db::RosterItem{.contact = wish.contact.text(), .name = {}, .groups = {}});
    change->item.name = wish.name;
    change->item.groups = wish.groups;
    db::Unit unit;
    change->item = this->change(unit, std::move(change->item));
    home_.commit(std::move(unit), [this, change = std::move(change)](bool stored) { changed(*change, stored); });
}

/// Section 2.5.2: who is removed loses and is lost. The contact's side is stored first: if the server dies in between,
/// the item is still there for a client that got no answer and asks again.
void Account::remove_contact(std::shared_ptr<RosterChange> change, const db::RosterItem& item) {
    const bool pending_in = contacts_.state(item.contact).pending_in;
    change->item = item;
    change->removed = true;
    contacts_.erase(item.contact);
    contacts_.erase_request(item.contact);
    cancel_subscriptions(item, pending_in, [this, change = std::move(change), pending_in](bool stored) {
        stored ? contact_told(change, pending_in) : changed(*change, false);
    });
}

void Account::contact_told(const std::shared_ptr<RosterChange>& change, bool pending_in) {
    db::RosterItem& item = change->item;
    db::Unit unit;
    const std::optional<db::RosterItem> now = contacts_.find(item.contact);
    if (now && now->version != item.version) {
        item = *now;  // another resource has added it again
        change->removed = false;
    } else {
        contacts_.erase(item.contact);  // it may have been read again
        item.version = contacts_.version() + 1;
        contacts_.set_version(item.version);
        db::Roster::remove(unit, jid_.text(), item.contact, item.version);
    }
    if (pending_in && !contacts_.state(item.contact).pending_in)
        db::Roster::remove_request(unit, jid_.text(), item.contact);
    home_.commit(std::move(unit), [this, change](bool stored) { changed(*change, stored); });
}

/// What a client has changed is on disk, or lost.
void Account::changed(const RosterChange& change, bool stored) {
    --keep_;
    Session* const there = find(change.session);
    if (there != nullptr && stored) there->send(change.reply);
    if (there != nullptr && !stored) there->send(not_stored(change.reply));
    if (!stored) {
        load_contacts_again();
    } else if (change.removed) {
        push_removal(change.item.contact, change.item.version);
        if (const Result<Jid> contact = Jid::parse(change.item.contact))
            subscription_changed(*contact, change.item.subscription, Subscription::none);
    } else {
        push(change.item);
    }
    if (there != nullptr) there->unblock();
}

/// Calls `then` when the contact's home has stored it.
void Account::cancel_subscriptions(const db::RosterItem& item, bool pending_in,
                                   std::move_only_function<void(bool stored)> then) {
    struct Cancelling {
        std::move_only_function<void(bool stored)> then;
        std::size_t left;
        bool stored = true;
    };
    const Result<Jid> contact = Jid::parse(item.contact);
    const bool from = item.subscription == Subscription::from || item.subscription == Subscription::both;
    const bool to = item.subscription == Subscription::to || item.subscription == Subscription::both;
    std::vector<PresenceType> types;
    if (to || item.ask) types.push_back(PresenceType::unsubscribe);
    if (from || pending_in) types.push_back(PresenceType::unsubscribed);
    if (!contact || types.empty()) return then(true);

    // Elsewhere, and of guests, nothing is stored.
    Host* const host = home_.host(contact->domain());
    const bool counts = host != nullptr && !host->domain().anonymous;
    const auto open = std::make_shared<Cancelling>(Cancelling{.then = std::move(then), .left = types.size()});
    for (const PresenceType type : types) {
        home_.route(Transfer{.stanza = Presence{{.from = jid_, .to = *contact, .type = type}},
                             .origin = {.shard = home_.shard().index()},
                             .then = [open, counts](bool stored) {
                                 open->stored = open->stored && (stored || !counts);
                                 if (--open->left == 0) open->then(open->stored);
                             }});
    }
    // Who is blocked has seen everybody leave already, and is not to see who is here now.
    if (from && !blocks(*contact)) show_resources(*contact, false);
}

db::RosterItem Account::change(db::Unit& unit, db::RosterItem item) {
    item.version = contacts_.version() + 1;
    contacts_.set_version(item.version);
    contacts_.put(item);
    db::Roster::put(unit, jid_.text(), item);
    return item;
}

void Account::push(const db::RosterItem& item) {
    send_push([&](xml::Element& query) { append_item(query, item); }, item.version);
}

void Account::push_removal(std::string_view contact, std::uint64_t version) {
    send_push([&](xml::Element& query) { query.append("item").set("jid", contact).set("subscription", "remove"); },
              version);
}

/// Section 2.1.6: to every resource that has asked for the roster.
void Account::send_push(const std::function<void(xml::Element& query)>& fill, std::uint64_t version) {
    for (const auto& session : sessions_) {
        if (!session->interested() || !session->reachable()) continue;
        const std::string id = "push-" + std::to_string(version);
        Iq iq{{.to = session->jid(), .type = IqType::set, .id = id}};
        xml::Element& query = iq.edit().append("query", roster_ns).set("ver", std::to_string(version));
        fill(query);
        session->send(iq);
    }
}

/// What was in memory was not stored: the disk is right, once everything that is on its way has arrived there.
void Account::load_contacts_again() {
    ++keep_;
    home_.after_commits([this] { read_contacts(); });
}

void Account::read_contacts() {
    auto read = [this, version = contacts_.version(), owner = jid_.text(),
                 back = home_.way_back()](db::Connection& connection) mutable {
        std::shared_ptr<db::RosterState> state;
        try {
            state = std::make_shared<db::RosterState>(db::Roster::load(connection, owner));
        } catch (const std::exception& error) {
            home_.log().error("a roster could not be read again", kv("account", owner), kv("cause", error.what()));
        }
        back([this, version, state] {
            --keep_;
            if (!state) return;
            if (contacts_.version() != version) return load_contacts_again();  // it has changed meanwhile
            contacts_ = Contacts{*state};
        });
    };
    try {
        home_.stores().database.read(std::move(read));
    } catch (const std::exception& error) {
        --keep_;
        home_.log().error("a roster could not be read again", kv("account", jid_), kv("cause", error.what()));
    }
}

}  // namespace aldis::session
