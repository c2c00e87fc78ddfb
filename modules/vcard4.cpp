#include "mod/module.h"
#include "modules/pubsub/nodes.h"
#include "modules/stored_markup.h"
#include "modules/vcard.h"
#include "modules/vcard4_rules.h"
#include "xep/xep0054_vcard_temp.h"
#include "xep/xep0292_vcard4.h"

namespace aldis::modules {
namespace {

using xep::vcard4::Card;

constexpr stanza::Error nothing_of_oneself{Condition::item_not_found, ErrorType::cancel, "There is no vCard yet."};
/// As XEP-0054 has it, also where there is no such account.
constexpr stanza::Error nothing_of_others{Condition::service_unavailable, ErrorType::cancel, {}};
constexpr stanza::Error of_another{Condition::forbidden, ErrorType::auth, "This belongs to somebody else."};
constexpr stanza::Error no_card{Condition::bad_request,
                                ErrorType::modify,
                                "This is no vCard.",
                                {"http://jabber.org/protocol/pubsub#errors", "invalid-payload"}};

constexpr stanza::Error too_long{Condition::not_acceptable, ErrorType::modify, "The vCard has too many properties."};

const std::string node{xep::vcard4::node};

/// XEP-0292: vCard4 Over XMPP, as a node of the account's PEP service and by plain requests. It says what the
/// vcard-temp says, whichever of them is changed; but for pictures, which are avatars.
class Vcard4 final : public mod::Module {
public:
    explicit Vcard4(mod::Context& context) : context_{context}, pubsub_{context.host().slot<pubsub::Registry>()} {
        using mod::For;
        context.on_iq(IqType::get, For::own_account, *this, &Vcard4::of_oneself);
        context.on_iq(IqType::set, For::own_account, *this, &Vcard4::set);
        context.on_iq(IqType::get, For::account, *this, &Vcard4::of_account);
        context.on_iq(IqType::get, For::nobody, *this, &Vcard4::of_nobody);
        for (const For others : {For::account, For::nobody}) context.on_iq(IqType::set, others, *this, &Vcard4::forbid);

        // "If an XMPP client or server supports the vCard4 namespace, it MUST advertise that fact".
        context.feature(For::server, xep::vcard4::ns);
        // "The primary method for publishing and retrieving vCards is via XEP-0222"; "Receiving a vCard Notification":
        // "this is a pure notification".
        pubsub_.defaults[node] = {{"access_model", "open"}, {"deliver_payloads", "false"}};
        // "Storage": "this node MUST have an access type of 'whitelist' by default".
        pubsub_.defaults[std::string{xep::vcard4::contacts_node}] = {{"access_model", "whitelist"},
                                                                     {"max_items", "max"}};
        pubsub_.with_change(node, [this](session::Account& account, const pubsub::Change& change, db::Unit& unit) {
            return convert(account, change, unit);
        });
        vcard::Registry& profiles = context.host().slot<vcard::Registry>();
        profiles.followers.emplace_back([this](Jid owner) { return follow(std::move(owner)); });
        profiles.hiders.emplace_back(
            [this](Jid owner, db::Visibility visibility) { return hide(std::move(owner), visibility); });
    }

private:
    Task<Result<xml::Document>> of_oneself(mod::Request request, Card asked);
    Task<Result<xml::Document>> of_account(mod::Request request, Card asked);
    Result<mod::Empty> of_nobody(const mod::Request& /*request*/, Card /*asked*/) {
        return std::unexpected{nothing_of_others};
    }
    Task<Result<mod::Empty>> set(mod::Request request, Card asked);
    Result<mod::Empty> forbid(const mod::Request& /*request*/, Card /*asked*/) { return std::unexpected{of_another}; }

    Task<std::optional<pubsub::Item>> present(Jid owner);
    Result<void> convert(session::Account& account, const pubsub::Change& change, db::Unit& unit);
    Task<Result<void>> follow(Jid owner);
    Task<void> hide(Jid owner, db::Visibility visibility);

    mod::Context& context_;
    pubsub::Registry& pubsub_;
};

/// What is published now.
Task<std::optional<pubsub::Item>> Vcard4::present(Jid owner) {
    if (pubsub_.nodes == nullptr) co_return std::nullopt;
    Result<std::vector<pubsub::Item>> items = co_await pubsub_.nodes->items(std::move(owner), node, 1);
    if (!items || items->empty() || items->front().payload.empty()) co_return std::nullopt;
    co_return std::move(items->front());
}

Task<Result<xml::Document>> Vcard4::of_oneself(mod::Request request, Card /*asked*/) {
    const std::optional<pubsub::Item> item = co_await present(request.account->jid());
    if (!item) co_return std::unexpected{nothing_of_oneself};
    co_return read_stored(item->payload);
}

Task<Result<xml::Document>> Vcard4::of_account(mod::Request request, Card /*asked*/) {
    const Jid owner = request.account->jid();
    const Jid asker = request.iq->from().bare();
    const bool visible = pubsub_.nodes != nullptr && co_await pubsub_.nodes->may_see(owner, node, asker);
    if (!visible) co_return std::unexpected{nothing_of_others};
    const std::optional<pubsub::Item> item = co_await present(owner);
    if (!item) co_return std::unexpected{nothing_of_others};
    co_return read_stored(item->payload);
}

/// The same as to publish it.
Task<Result<mod::Empty>> Vcard4::set(mod::Request request, Card /*asked*/) {
    if (pubsub_.nodes == nullptr) co_return std::unexpected{nothing_of_others};
    const Jid owner = request.account->jid();
    std::optional<pubsub::Item> item = co_await present(owner);
    if (!item) item = pubsub::Item{.id = "current"};
    item->payload = xml::to_string(*request.iq->payload());
    pubsub::PublishOptions options{.by = request.iq->from(), .session = request.session};
    options.config = {
        {"access_model", std::string{vcard::access_model(request.account->slot<vcard::Known>().visibility)}}};
    const Result<std::string> done = co_await pubsub_.nodes->publish(owner, node, std::move(*item), std::move(options));
    if (!done) co_return std::unexpected{done.error()};
    co_return mod::Empty{};
}

/// A client has published it: the vcard-temp says the same, from the same transaction on.
Result<void> Vcard4::convert(session::Account& account, const pubsub::Change& change, db::Unit& unit) {
    std::string payload;
    if (change.kind == pubsub::Change::published) {
        if (change.items.empty()) return std::unexpected{no_card};
        payload = change.items.back().payload;
        if (payload.empty()) return std::unexpected{no_card};
        const xml::Document card = read_stored(payload);
        if (!card.root().is(Card::schema.name)) return std::unexpected{no_card};
        if (vcard4::has_too_many(card.root())) return std::unexpected{too_long};
    }
    if (change.by == account.jid()) return {};  // by follow()
    const std::size_t size = payload.size();
    unit.add(
        [owner = account.jid().text(), payload = std::move(payload)](db::Connection& connection) {
            const xml::Document card = payload.empty() ? xml::Document{Card::schema.name} : read_stored(payload);
            const std::string old = db::Vcards::find(connection, owner).card;
            const xml::Document before =
                old.empty() ? xml::Document{xep::vcard_temp::Card::schema.name} : read_stored(old);
            const xml::Document converted = vcard4::to_temp(card.root(), &before.root());
            db::Vcards::put_card(connection, owner,
                                 converted.root().has_children() ? xml::to_string(converted.root()) : std::string{});
        },
        size);
    return {};
}

/// A client has set the vcard-temp.
Task<Result<void>> Vcard4::follow(Jid owner) {
    if (pubsub_.nodes == nullptr) co_return Result<void>{};
    auto find = [owner = owner.text()](db::Connection& connection) { return db::Vcards::find(connection, owner); };
    const db::Profile profile = co_await context_.read(std::move(find));
    std::optional<pubsub::Item> item = co_await present(owner);

    const xml::Document card =
        profile.card.empty() ? xml::Document{xep::vcard_temp::Card::schema.name} : read_stored(profile.card);
    xml::Document before;
    if (item) before = read_stored(item->payload);
    const xml::Document converted = vcard4::from_temp(card.root(), item ? &before.root() : nullptr);
    std::string payload = xml::to_string(converted.root());
    if (item ? payload == item->payload : !converted.root().has_children()) co_return Result<void>{};

    if (!item) item = pubsub::Item{.id = "current"};
    item->payload = std::move(payload);
    pubsub::PublishOptions options;
    options.config = {{"access_model", std::string{vcard::access_model(profile.facts.visibility)}}};
    const Result<std::string> done = co_await pubsub_.nodes->publish(owner, node, std::move(*item), std::move(options));
    if (!done) co_return std::unexpected{done.error()};
    co_return Result<void>{};
}

Task<void> Vcard4::hide(Jid owner, db::Visibility visibility) {
    if (pubsub_.nodes == nullptr) co_return;
    pubsub::Config config{{"access_model", std::string{vcard::access_model(visibility)}}};
    static_cast<void>(co_await pubsub_.nodes->configure(std::move(owner), node, std::move(config)));
}

constexpr mod::Spec specs[] = {{"XEP-0292", "0.12.0"}};

}  // namespace

extern const mod::Info vcard4_info;
const mod::Info vcard4_info{.name = "vcard4",
                            .summary = "Shows profiles as vCard4 to clients that know it.",
                            .implements = specs,
                            .for_guests = false,
                            .make = mod::make<Vcard4>};

}  // namespace aldis::modules
