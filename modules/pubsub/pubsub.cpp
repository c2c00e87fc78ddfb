#include "config/fields.h"
#include "modules/pubsub/personal_nodes.h"
#include "modules/pubsub/requests.h"

namespace aldis::modules {
namespace {

using pubsub::Kind;
using pubsub::Limits;

struct PubsubConfig {
    std::uint32_t nodes_per_account = 500;
    std::uint32_t nodes_per_service = 20'000;
    std::uint32_t items_per_node = 10'000;
    config::ByteSize payload = config::kib(256);
    std::uint32_t subscriptions_per_node = 10'000;
    std::uint32_t affiliations_per_node = 1'000;
    std::uint32_t page = 1'000;
    config::ByteSize page_bytes = config::mib(4);
    bool anyone_creates = false;
    static constexpr auto fields = config::fields(
        config::field<&PubsubConfig::nodes_per_account>(
            "nodes_per_account", config::between(1, 100'000),
            config::doc("Nodes that an account may have (XEP-0163), and make at pubsub.DOMAIN.")),
        config::field<&PubsubConfig::nodes_per_service>("nodes_per_service", config::between(1, 1'000'000),
                                                        config::doc("Nodes of pubsub.DOMAIN.")),
        config::field<&PubsubConfig::items_per_node>("items_per_node", config::between(1, 1'000'000),
                                                     config::doc("Items that a node keeps; what owners call \"max\".")),
        config::field<&PubsubConfig::payload>("payload", config::between(config::kib(1), config::mib(16)),
                                              config::doc("The largest item that is taken.")),
        config::field<&PubsubConfig::subscriptions_per_node>(
            "subscriptions_per_node", config::between(1, 1'000'000),
            config::doc("Subscriptions to one node; to all nodes of an account, ten times that.")),
        config::field<&PubsubConfig::affiliations_per_node>(
            "affiliations_per_node", config::between(1, 100'000),
            config::doc("Owners, publishers, members and outcasts of one node; of all nodes of an account, ten times "
                        "that.")),
        config::field<&PubsubConfig::page>("page", config::between(10, 100'000),
                                           config::doc("Items, or nodes, in one answer.")),
        config::field<&PubsubConfig::page_bytes>("page_bytes", config::between(config::kib(64), config::mib(64)),
                                                 config::doc("The same, in bytes; one item is always given.")),
        config::field<&PubsubConfig::anyone_creates>(
            "anyone_creates",
            config::doc("Nodes of pubsub.DOMAIN may be made by anybody, not only by the accounts of DOMAIN.")));
};

Limits limits_of(const PubsubConfig& config, Kind kind) {
    // What one account has, and all of them have at the domain's service, has to fit into memory.
    const std::size_t in_all = kind == Kind::personal ? 10 : 100;
    return {.nodes = kind == Kind::personal ? config.nodes_per_account : config.nodes_per_service,
            .nodes_of_creator = config.nodes_per_account,
            .items = config.items_per_node,
            .payload = config.payload.bytes,
            .subscriptions = config.subscriptions_per_node,
            .affiliations = config.affiliations_per_node,
            .subscriptions_in_all = in_all * config.subscriptions_per_node,
            .affiliations_in_all = in_all * config.affiliations_per_node,
            .page = config.page,
            .page_bytes = config.page_bytes.bytes,
            .anyone_creates = config.anyone_creates};
}

/// XEP-0060: Publish-Subscribe, as a service of the domain, and XEP-0163: Personal Eventing Protocol. One engine does
/// both; its topics are in topics.h.
class Pubsub final : public mod::Module {
public:
    explicit Pubsub(mod::Context& context)
        : context_{context},
          service_context_{context.service("pubsub")},
          personal_{context, Kind::personal, limits_of(context.config<PubsubConfig>(), Kind::personal)},
          service_{service_context_, Kind::service, limits_of(context.config<PubsubConfig>(), Kind::service)},
          nodes_{personal_.core()} {
        context.host().slot<pubsub::Registry>().nodes = &nodes_;
        context.on_message(mod::Direction::inward, mod::Phase::screen, *this, &Pubsub::take_approval);
        context.on_subscription(*this, &Pubsub::subscription_changed);
        service_context_.on_stanza(*this, &Pubsub::take);
        if (context.home().shard().index() == 0) context.every(std::chrono::minutes{1}, *this, &Pubsub::expire);
    }

private:
    /// XEP-0060 "Manage Subscription Requests": what an owner answers to his own address.
    mod::Step take_approval(session::Transit& transit) {
        if (!transit.message.to().is_bare() || !pubsub::is_approval(transit.message)) return mod::Flow::pass;
        auto message =
            std::make_shared<const Message>(xml::Document::copy_of(transit.message.element()), transit.message.from(),
                                            transit.message.to(), transit.message.type());
        context_.start(approve(personal_.core(), transit.account.jid(), std::move(message)));
        return mod::Flow::taken;
    }

    /// What is sent to the service and is no request.
    void take(session::Transfer transfer) {
        if (auto* const message = std::get_if<Message>(&transfer.stanza);
            message != nullptr && pubsub::is_approval(*message)) {
            auto copy = std::make_shared<const Message>(xml::Document::copy_of(message->element()), message->from(),
                                                        message->to(), message->type());
            service_context_.start(approve(service_.core(), service_context_.host().jid(), std::move(copy)));
            return context_.home().drop(std::move(transfer));
        }
        if (std::holds_alternative<Iq>(transfer.stanza))
            return context_.home().refuse(std::move(transfer), {Condition::service_unavailable, ErrorType::cancel, {}});
        context_.home().drop(std::move(transfer));
    }

    static Task<void> approve(pubsub::Core& core, Jid owner, std::shared_ptr<const Message> message) {
        const pubsub::Use service = co_await core.open(std::move(owner));
        co_await pubsub::approve(core, {.from = message->from()}, service, message);
    }

    /// XEP-0163 "Cancelling Subscriptions".
    void subscription_changed(session::Account& account, const Jid& contact, db::Subscription /*before*/,
                              db::Subscription after) {
        if (after == db::Subscription::from || after == db::Subscription::both) return;
        context_.start(end_subscriptions(account.jid(), contact.bare()));
    }

    Task<void> end_subscriptions(Jid owner, Jid contact) {
        const pubsub::Use service = co_await personal_.core().open(std::move(owner));
        co_await pubsub::end_subscriptions(personal_.core(), service, std::move(contact));
    }

    /// What has expired is not shown to anybody already.
    void expire() {
        db::Unit unit;
        unit.add(
            [now = context_.clock().now()](db::Connection& connection) { db::Pubsub::expire(connection, now, 1'000); });
        context_.home().commit(std::move(unit), [](bool) {});
    }

    mod::Context& context_;
    mod::Context& service_context_;
    pubsub::Requests personal_;
    pubsub::Requests service_;
    pubsub::PersonalNodes nodes_;
};

constexpr mod::Spec specs[] = {{"XEP-0060", "1.30.0"}, {"XEP-0163", "1.2.2"}, {"XEP-0222", "1.0"},
                               {"XEP-0223", "1.1.1"},  {"XEP-0413", "0.2.1"}, {"XEP-0462", "0.1.1"}};

}  // namespace

extern const mod::Info pubsub_info;
const mod::Info pubsub_info{.name = "pubsub",
                            .summary = "Publish-subscribe: nodes of accounts, and of pubsub.DOMAIN.",
                            .implements = specs,
                            .config = &config::schema_of<PubsubConfig>,
                            .for_guests = false,
                            .make = mod::make<Pubsub>};

}  // namespace aldis::modules
