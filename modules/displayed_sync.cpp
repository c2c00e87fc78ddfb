#include "xep/xep0490_displayed_sync.h"

#include "mod/module.h"
#include "modules/pubsub/nodes.h"

namespace aldis::modules {
namespace {

namespace mds = xep::displayed_sync;

/// XEP-0490 "Server assist": what a client says of what it has displayed, in a message to whom it has displayed, is
/// published for its other devices, and nobody else sees it. All else is theirs and the nodes' (modules/pubsub);
/// modules/inbox.cpp reads what is published.
class DisplayedSync final : public mod::Module {
public:
    explicit DisplayedSync(mod::Context& context) : context_{context} {
        context.on_message(mod::Direction::outward, mod::Phase::amend, *this, &DisplayedSync::take_out);
        context.on_ready(*this, &DisplayedSync::announce);
    }

private:
    void announce() {
        if (nodes() != nullptr) context_.feature(mod::For::own_account, mds::server_assist);
    }
    mod::Step take_out(session::Transit& transit);
    Task<void> publish(Jid owner, pubsub::Item item);
    [[nodiscard]] pubsub::Nodes* nodes() const { return context_.host().slot<pubsub::Registry>().nodes; }

    static constexpr std::size_t most = 1'000;  ///< on their way to the disk

    mod::Context& context_;
    std::size_t publishing_ = 0;
};

/// "Business Rules": before the message is archived and copied. Neither the address nor the id are looked at.
mod::Step DisplayedSync::take_out(session::Transit& transit) {
    const xml::Element* const displayed = transit.message.element().child(mds::Displayed::schema.name);
    if (displayed == nullptr || nodes() == nullptr) return mod::Flow::pass;
    if (!transit.message.is_error() && publishing_ < most)
        context_.start(
            publish(transit.account.jid(), {.id = std::string{transit.message.element().attribute_or("to", {})},
                                            .publisher = transit.account.jid().text(),
                                            .payload = xml::to_string(*displayed),
                                            .at = context_.clock().now()}));
    transit.message.edit().remove_if([](const xml::Element& child) { return child.is(mds::Displayed::schema.name); });
    return mod::Flow::pass;
}

/// A node that has to be made for it is as XEP-0490 "Security Considerations" and its example want it.
Task<void> DisplayedSync::publish(Jid owner, pubsub::Item item) {
    pubsub::PublishOptions options{.config = {{"persist_items", "true"},
                                              {"max_items", "max"},
                                              {"send_last_published_item", "never"},
                                              {"access_model", "whitelist"}}};
    struct Counted {
        std::size_t& count;
        explicit Counted(std::size_t& c) : count{c} { ++count; }
        Counted(const Counted&) = delete;
        Counted& operator=(const Counted&) = delete;
        ~Counted() { --count; }
    } const counted{publishing_};
    const Result<std::string> published =
        co_await nodes()->publish(owner, std::string{mds::ns}, std::move(item), std::move(options));
    if (!published) context_.log().info("what was displayed is not published", kv("account", owner));
}

constexpr mod::Spec specs[] = {{"XEP-0490", "1.0.1"}};

}  // namespace

extern const mod::Info displayed_sync_info;
const mod::Info displayed_sync_info{.name = "displayed_sync",
                                    .summary = "Tells an account's devices what one of them has displayed.",
                                    .implements = specs,
                                    .for_guests = false,
                                    .make = mod::make<DisplayedSync>};

}  // namespace aldis::modules
