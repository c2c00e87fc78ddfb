#include "config/fields.h"
#include "mod/module.h"
#include "modules/inbox_rules.h"
#include "modules/pubsub/nodes.h"
#include "xep/xep0313_mam.h"
#include "xep/xep0430_inbox.h"
#include "xep/xep0490_displayed_sync.h"

namespace aldis::modules {
namespace {

struct InboxConfig {
    std::uint32_t usual_page = 500;
    std::uint32_t largest_page = 1'000;
    config::ByteSize page_bytes = config::mib(1);
    static constexpr auto fields =
        config::fields(config::field<&InboxConfig::usual_page>(
                           "usual_page", config::between(1, 10'000),
                           config::doc("Conversations in a page of a client that does not say how many.")),
                       config::field<&InboxConfig::largest_page>(
                           "largest_page", config::between(1, 10'000),
                           config::doc("Conversations in a page; larger requests are cut to this.")),
                       config::field<&InboxConfig::page_bytes>(
                           "page_bytes", config::between(config::kib(16), config::mib(64)),
                           config::doc("The same, in bytes of their last messages; one conversation is always sent.")));
};

/// XEP-0430: the conversations of an account, with their last message and what is unread of them. What the archive
/// keeps is counted in the same transaction; what it does not keep is in no conversation. Markers (XEP-0333) and
/// displayed states (XEP-0490) of any device read; what the owner sends does not, as XEP-0490 has it: he may not have
/// seen what crossed it.
class Inbox final : public mod::Module {
public:
    explicit Inbox(mod::Context& context) : context_{context}, config_{context.config<InboxConfig>()} {
        using mod::For;
        context.on_message(mod::Phase::tally, *this, &Inbox::count);
        context.on_message(mod::Direction::outward, mod::Phase::tally, *this, &Inbox::note_displayed);
        context.host().slot<pubsub::Registry>().with_change(
            std::string{xep::displayed_sync::ns},
            [](session::Account& account, const pubsub::Change& change, db::Unit& unit) -> Result<void> {
                note_published(account, change, unit);
                return {};
            });
        context.on_iq(IqType::get, For::own_account, *this, &Inbox::query);
        context.on_iq(IqType::get, For::account, *this, &Inbox::forbid);
        context.on_iq(IqType::get, For::nobody, *this, &Inbox::forbid);
    }

private:
    mod::Step count(session::Transit& transit);
    mod::Step note_displayed(session::Transit& transit);
    static void note_published(session::Account& account, const pubsub::Change& change, db::Unit& unit);
    Task<Result<xep::inbox::Fin>> query(mod::Request request, xep::inbox::Query query);
    /// Nobody reads another's inbox; nor does the answer tell whose there are.
    Result<mod::Empty> forbid(const mod::Request& /*request*/, xep::inbox::Query /*query*/) {
        return refuse(Condition::forbidden, ErrorType::auth);
    }

    mod::Context& context_;
    InboxConfig config_;
};

mod::Step Inbox::count(session::Transit& transit) {
    if (transit.archived && inbox::is_message(transit.message))
        db::Inbox::count(transit.unit, context_.store<db::Archive>(), *transit.archived);
    return mod::Flow::pass;
}

/// Also of a marker that is not archived itself.
mod::Step Inbox::note_displayed(session::Transit& transit) {
    if (const std::optional<std::string> id = inbox::displayed_in(transit.message))
        db::Inbox::displayed(transit.unit, transit.account.jid().text(), transit.peer().bare_text(), *id);
    return mod::Flow::pass;
}

/// In the transaction of the item. Of private messages in a room, the archive has the room's bare address.
void Inbox::note_published(session::Account& account, const pubsub::Change& change, db::Unit& unit) {
    if (change.kind != pubsub::Change::published) return;
    for (const pubsub::Item& item : change.items) {
        const Result<Jid> peer = Jid::parse(item.id);
        const std::optional<db::ArchiveId> id = inbox::displayed_in_item(item.payload, account.jid());
        if (peer && id) db::Inbox::displayed(unit, account.jid().text(), peer->bare_text(), *id);
    }
}

/// Sends one page as messages; what is returned follows them.
Task<Result<xep::inbox::Fin>> Inbox::query(mod::Request request, xep::inbox::Query query) {
    if (request.session == nullptr) co_return refuse(Condition::service_unavailable, ErrorType::cancel);
    const Jid& owner = request.account->jid();
    const Result<db::InboxRange> range = inbox::range_of(
        query, {.usual = config_.usual_page, .largest = config_.largest_page, .bytes = config_.page_bytes});
    if (!range) co_return std::unexpected{range.error()};

    auto job = [name = owner.text(), wanted = *range](db::Connection& connection) {
        return db::Inbox::page(connection, name, wanted);
    };
    db::InboxPage page = co_await context_.read(std::move(job));
    const std::string queryid{request.iq->id().value_or("")};
    for (db::Conversation& entry : page.entries) {
        const Result<Jid> peer = Jid::parse(entry.peer);
        if (!peer) continue;  // it was valid when it was archived
        Message message{{.from = owner, .to = request.session->jid()}};
        message.add(xep::inbox::Entry{.jid = *peer, .unread = entry.unread, .id = entry.latest.text()});
        if (entry.message)
            message.add(xep::mam::Match{.queryid = queryid,
                                        .id = entry.last.text(),
                                        .forwarded = {.delay = xep::Delay{.stamp = entry.last.time()},
                                                      .stanza = make_bytes(std::move(entry.message->stanza))}});
        request.session->send(message);
    }
    co_return inbox::fin_of(page);
}

constexpr mod::Spec specs[] = {{"XEP-0430", "0.2.0"}, {"XEP-0333", "1.0.0"}};

}  // namespace

extern const mod::Info inbox_info;
const mod::Info inbox_info{.name = "inbox",
                           .summary = "Lists an account's conversations, with their last message and what is unread.",
                           .implements = specs,
                           .config = &config::schema_of<InboxConfig>,
                           .for_guests = false,
                           .make = mod::make<Inbox>};

}  // namespace aldis::modules
