#include "modules/blocking.h"

#include <unordered_set>

#include "config/fields.h"
#include "mod/module.h"
#include "modules/blocking_rules.h"
#include "xep/xep0191_blocking.h"

namespace aldis::modules {
namespace {

using session::Account;
using session::Blocklist;
using session::Session;

struct BlockingConfig {
    std::uint32_t most = 1'000;
    static constexpr auto fields = config::fields(config::field<&BlockingConfig::most>(
        "most", config::between(1, 100'000), config::doc("Addresses that an account may have blocked.")));
};

/// A resource that has asked for the list.
struct Interest {
    bool asked = false;
};

/// Nothing for the many who have blocked nobody. The account takes it out of its slot.
std::unique_ptr<session::SlotBase> load(db::Connection& connection, const std::string& owner) {
    Blocklist blocklist;
    for (const std::string& address : db::Blocks::load(connection, owner))
        if (const Result<Jid> jid = Jid::parse(address)) blocklist.add(*jid);
    return blocklist.empty() ? nullptr : session::slot_of(std::move(blocklist));
}

/// XEP-0191: Blocking Command. The list belongs to the account, which keeps out what comes from those on it and what
/// goes to them; here it is shown and changed. Subscriptions stay as they are ("Implementation Notes").
class BlockingCommand final : public mod::Module {
public:
    explicit BlockingCommand(mod::Context& context) : context_{context}, most_{context.config<BlockingConfig>().most} {
        using mod::For;
        context.feature(For::server, xep::blocking::ns);
        context.handlers().loaders.emplace_back(&load);
        context.on_iq(IqType::get, For::own_account, *this, &BlockingCommand::list);
        context.on_silent_iq(IqType::set, For::own_account, *this, &BlockingCommand::block);
        context.on_silent_iq(IqType::set, For::own_account, *this, &BlockingCommand::unblock);
        context.keep_over_restart(*this, &BlockingCommand::save, &BlockingCommand::restore);
    }

private:
    Result<xep::blocking::Blocklist> list(const mod::Request& request, xep::blocking::Blocklist asked);
    Result<mod::Empty> block(const mod::Request& request, xep::blocking::Block wanted);
    Result<mod::Empty> unblock(const mod::Request& request, xep::blocking::Unblock wanted);

    struct Change {
        bool block = true;
        std::vector<Jid> items = {};  ///< unblock: none means all
        std::uint64_t session = 0;    ///< that has asked for it
        Iq result;
    };
    void tell_others(Account& account, const xml::Element& payload, db::Unit& unit);
    void store(Session& session, Change change, db::Unit unit);
    Task<void> wait_for(Account& account, Change change, db::Unit unit);
    void apply(Account& account, const Change& change);
    void show(Account& account, const Blocklist& before, const std::vector<Jid>& items);
    void hide_directed(Account& account, const Session& session, const Blocklist& before);
    template <class Payload>
    void push(Account& account, const Payload& payload);

    std::string save(Session& session) { return session.slot<Interest>().asked ? "1" : ""; }
    void restore(Session& session, std::string_view saved) { session.slot<Interest>().asked = !saved.empty(); }

    mod::Context& context_;
    std::size_t most_;
};

Result<xep::blocking::Blocklist> BlockingCommand::list(const mod::Request& request,
                                                       xep::blocking::Blocklist /*asked*/) {
    if (request.session != nullptr) request.session->slot<Interest>().asked = true;
    return xep::blocking::Blocklist{.items = blocking::items_of(request.account->blocklist())};
}

Result<mod::Empty> BlockingCommand::block(const mod::Request& request, xep::blocking::Block wanted) {
    if (request.session == nullptr) return refuse(Condition::service_unavailable, ErrorType::cancel);
    if (wanted.items.empty()) return refuse(Condition::bad_request, ErrorType::modify, "Whom?");
    Result<std::vector<Jid>> addresses = blocking::addresses_of(wanted.items);
    if (!addresses) return std::unexpected{addresses.error()};
    Account& account = *request.account;
    if (blocking::is_full_for(account.blocklist(), *addresses, most_))
        return refuse(Condition::resource_constraint, ErrorType::cancel, "Too many addresses are blocked.");

    db::Unit unit;
    std::vector<std::string> texts;
    for (const Jid& address : *addresses) texts.push_back(address.text());
    db::Blocks::add(unit, account.jid().text(), std::move(texts));
    tell_others(account, *request.iq->payload(), unit);
    store(*request.session,
          {.items = std::move(*addresses), .session = request.session->id(), .result = stanza::result_of(*request.iq)},
          std::move(unit));
    return mod::Empty{};
}

/// Of each address once, however often it is among the items.
void BlockingCommand::tell_others(Account& account, const xml::Element& payload, db::Unit& unit) {
    std::unordered_set<Jid> seen;
    for (const xml::Element& item : payload.children()) {
        if (!item.is(xep::blocking::Item::schema.name)) continue;
        const Result<Jid> blocked = Jid::parse(item.attribute_or("jid", ""));
        if (!blocked || !seen.insert(*blocked).second) continue;
        for (const Blocking::OnBlock& hook : context_.host().slot<Blocking>().on_block)
            hook(account, *blocked, item, unit);
    }
}

Result<mod::Empty> BlockingCommand::unblock(const mod::Request& request, xep::blocking::Unblock wanted) {
    if (request.session == nullptr) return refuse(Condition::service_unavailable, ErrorType::cancel);
    Result<std::vector<Jid>> addresses = blocking::addresses_of(wanted.items);
    if (!addresses) return std::unexpected{addresses.error()};
    const std::string& owner = request.account->jid().text();
    db::Unit unit;
    std::vector<std::string> texts;
    for (const Jid& address : *addresses) texts.push_back(address.text());
    if (texts.empty())
        db::Blocks::remove_all(unit, owner);
    else
        db::Blocks::remove(unit, owner, std::move(texts));
    store(*request.session,
          {.block = false,
           .items = std::move(*addresses),
           .session = request.session->id(),
           .result = stanza::result_of(*request.iq)},
          std::move(unit));
    return mod::Empty{};
}

/// What the client sends behind its request waits: it counts on what it has asked for.
void BlockingCommand::store(Session& session, Change change, db::Unit unit) {
    Account& account = session.account();
    session.block();
    // Of the account, not of the session: what is on disk must come into memory, whoever is still there.
    account.tasks().start(wait_for(account, std::move(change), std::move(unit)));
}

/// The list in memory follows the disk: changes are applied in the order in which they were stored, or not at all.
Task<void> BlockingCommand::wait_for(Account& account, Change change, db::Unit unit) {
    const Result<void> stored = co_await context_.commit(std::move(unit));
    if (stored) {
        apply(account, change);
    } else if (Session* const session = account.find(change.session)) {
        Iq error{{.from = change.result.from(),
                  .to = change.result.to(),
                  .type = IqType::error,
                  .id = change.result.id().value_or("")}};
        stanza::add_error(error.edit(), stored.error());
        session->send(error);
    }
    if (Session* const session = account.find(change.session)) session->unblock();
}

void BlockingCommand::apply(Account& account, const Change& change) {
    Blocklist& blocklist = account.blocklist();
    const Blocklist before = blocklist;
    if (!change.block && change.items.empty()) blocklist.clear();
    for (const Jid& item : change.items) change.block ? blocklist.add(item) : blocklist.remove(item);
    if (Session* const session = account.find(change.session)) session->send(change.result);
    if (change.block) {
        push(account, xep::blocking::Block{.items = blocking::items_of(change.items)});
    } else {
        push(account, xep::blocking::Unblock{.items = blocking::items_of(change.items)});
    }
    std::vector<Jid> items = change.items;
    if (items.empty())
        before.for_each([&](std::string_view address) {
            if (Result<Jid> jid = Jid::parse(address)) items.push_back(std::move(*jid));
        });
    show(account, before, items);
}

/// "The user's server MUST send unavailable presence information", and the current one again.
void BlockingCommand::show(Account& account, const Blocklist& before, const std::vector<Jid>& items) {
    const blocking::Audience audience = blocking::audience_of(account.contacts(), before, account.blocklist(), items);
    for (const Jid& contact : audience.lost) account.show_resources(contact, false);
    for (const Jid& contact : audience.gained) account.show_resources(contact, true);
    for (const auto& session : account.sessions()) hide_directed(account, *session, before);
    // What they have said meanwhile was dropped.
    if (audience.back.empty()) return;
    for (const auto& session : account.sessions())
        if (session->available()) context_.home().probe(session->jid(), audience.back);
}

/// Whom directed presence has told that the resource is there (RFC 6121 section 4.6).
void BlockingCommand::hide_directed(Account& account, const Session& session, const Blocklist& before) {
    if (session.told() == nullptr) return;
    std::vector<Jid> lost;
    for (const Jid& told : *session.told()) {
        const bool sees_all = session.available() && account.contacts().subscribed_from(told.bare_text());
        if (!sees_all && account.blocks(told) && !before.blocks(told)) lost.push_back(told);
    }
    const Presence gone{{.from = session.jid(), .type = PresenceType::unavailable}};
    context_.home().fan_out(session.jid(), gone.wire(), lost);
}

/// To every resource that has asked for the list.
template <class Payload>
void BlockingCommand::push(Account& account, const Payload& payload) {
    for (const auto& session : account.sessions()) {
        const Interest* const interest = session->slots().find<Interest>();
        if (interest == nullptr || !interest->asked || !session->reachable()) continue;
        const std::string id = "block-" + context_.random().token(9);
        Iq iq{{.to = session->jid(), .type = IqType::set, .id = id}};
        iq.add(payload);
        session->send(iq);
    }
}

constexpr mod::Spec specs[] = {{"XEP-0191", "1.3"}};

}  // namespace

extern const mod::Info blocking_info;
const mod::Info blocking_info{.name = "blocking",
                              .summary = "Keeps away those whom a user does not want to hear of.",
                              .implements = specs,
                              .config = &config::schema_of<BlockingConfig>,
                              .for_guests = false,
                              .make = mod::make<BlockingCommand>};

}  // namespace aldis::modules
