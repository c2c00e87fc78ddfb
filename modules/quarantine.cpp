#include <unordered_map>

#include "config/fields.h"
#include "mod/module.h"
#include "modules/blocking.h"
#include "modules/commands.h"
#include "modules/quarantine_queue.h"

namespace aldis::modules {
namespace {

using quarantine::Fate;
using quarantine::Queue;
using session::Account;
using std::chrono::days;

enum class Strangers : std::uint8_t { off, hold, refuse };
constexpr auto enum_names(Strangers /*tag*/) {
    return std::array{config::Named{"off", Strangers::off}, config::Named{"hold", Strangers::hold},
                      config::Named{"refuse", Strangers::refuse}};
}

struct QuarantineConfig {
    Strangers strangers = Strangers::off;
    std::uint32_t of_sender = 10;
    std::uint32_t messages = 100;
    config::ByteSize bytes = config::kib(256);
    days keep_for{30};
    std::uint32_t sender_rate = 20;
    std::uint32_t account_rate = 60;
    bool rates_when_off = false;
    static constexpr auto fields = config::fields(
        config::field<&QuarantineConfig::strangers>(
            "strangers", config::doc("What becomes of messages and requests of those who are no contacts and were not "
                                     "written to: hold keeps them until the user accepts them.")),
        config::field<&QuarantineConfig::of_sender>("of_sender", config::at_least(1),
                                                    config::doc("Messages of one stranger that may wait.")),
        config::field<&QuarantineConfig::messages>(
            "messages", config::at_least(1), config::doc("Messages that may wait for one account, of all strangers.")),
        config::field<&QuarantineConfig::bytes>("bytes", config::doc("The same, in bytes.")),
        config::field<&QuarantineConfig::keep_for>("keep_for", config::at_least(days{1}),
                                                   config::doc("What has waited longer is discarded.")),
        config::field<&QuarantineConfig::sender_rate>(
            "sender_rate", config::doc("What a stranger may send within an hour, to all strangers together; 0: no "
                                       "bound. Counted on each shard by itself.")),
        config::field<&QuarantineConfig::account_rate>(
            "account_rate", config::doc("What all strangers may send to one account within an hour; 0: no bound.")),
        config::field<&QuarantineConfig::rates_when_off>("rates_when_off",
                                                         config::doc("These two also hold when strangers = \"off\".")));
};

constexpr stanza::Error unwanted{Condition::service_unavailable, ErrorType::cancel, {}};
constexpr stanza::Error too_much{Condition::resource_constraint, ErrorType::wait, {}};

/// Whom the account has written to is remembered from the first message on; before that, the archive knows.
std::unique_ptr<session::SlotBase> load(db::Connection& connection, const std::string& owner) {
    Queue queue{.senders = db::Quarantine::senders(connection, owner)};
    std::vector<std::string> known = db::Quarantine::acquaintances(connection, owner);
    if (known.empty()) {
        for (db::SentMessage& sent : db::Archive::recent_sent(connection, owner, Timestamp{}, 2'000))
            if (std::ranges::find(known, sent.with) == known.end()) known.push_back(std::move(sent.with));
        std::ranges::reverse(known);
        if (known.size() > quarantine::Acquaintances::most)
            known.erase(known.begin(), known.end() - quarantine::Acquaintances::most);
        queue.unsaved = known;
    }
    for (const std::string& address : known)
        if (const Result<Jid> jid = Jid::parse(address)) queue.known.add(*jid);
    return session::slot_of(std::move(queue));
}

/// Keeps what strangers send - messages and requests for a subscription - from accounts until their owners want it.
/// Strangers are those who are not in the roster with any subscription, nor asked for one, and whom the owner has not
/// written to. It is in no archive and not delivered before he writes to them, subscribes, or accepts it by an ad-hoc
/// command; then it is, in order, once.
class Quarantine final : public mod::Module {
public:
    explicit Quarantine(mod::Context& context) : context_{context}, config_{context.config<QuarantineConfig>()} {
        // One of all instances cleans up: what waits is one table.
        const bool first = context.home().shard().index() == 0;
        if (first) context.every(std::chrono::hours{1}, *this, &Quarantine::clean_up);
        if (config_.strangers == Strangers::off && first) context.on_ready(*this, &Quarantine::let_all_out);
        if (config_.strangers == Strangers::off && !config_.rates_when_off) return;

        using mod::Direction;
        using mod::Phase;
        context.handlers().loaders.emplace_back(&load);
        context.on_message(Direction::inward, Phase::screen, *this, &Quarantine::screen);
        context.on_message(Direction::outward, Phase::archive, *this, &Quarantine::remember);
        context.on_request(*this, &Quarantine::screen_request);
        if (config_.strangers != Strangers::hold) return;
        context.on_subscription(*this, &Quarantine::look_at_contact);
        context.on_available(*this, &Quarantine::look_at_all);
        context.host().slot<Blocking>().on_block.emplace_back(
            [](Account& account, const Jid& blocked, const xml::Element&, db::Unit& unit) {
                discard_blocked(account, blocked, unit);
            });
        context.host().slot<commands::Registry>().add({.node = std::string{quarantine::node},
                                                       .name = "Strangers who have written to you",
                                                       .run = commands::method(*this, &Quarantine::decide)});
    }

private:
    mod::Step screen(session::Transit& transit);
    mod::Step screen_request(Account& account, const Presence& presence);
    mod::Step remember(session::Transit& transit);
    void look_at_contact(Account& account, const Jid& contact, db::Subscription before, db::Subscription after);
    void look_at_all(session::Session& session);
    static void discard_blocked(Account& account, const Jid& blocked, db::Unit& unit);
    Task<Result<commands::Stage>> decide(commands::Call& call);
    Task<std::vector<xep::dataforms::Option>> options_for(std::string owner, std::vector<db::HeldSender> senders);
    Task<Result<void>> carry_out(std::string owner, const quarantine::Choice& choice);

    [[nodiscard]] bool is_service(const Jid& who) const;
    [[nodiscard]] bool is_contact(const Account& account, const Jid& who) const;
    [[nodiscard]] bool is_known(Account& account, const Jid& who) const;
    [[nodiscard]] bool within_rates(Account& account, const Jid& from);
    [[nodiscard]] bool has_room(Account& account, const Jid& from, std::size_t bytes) const;
    void acquaint(Account& account, const Jid& who, db::Unit& unit);
    void let_out(Account& account, const Jid& sender);

    void let_all_out() { context_.start(let_all_out_bit_by_bit()); }
    Task<void> let_all_out_bit_by_bit();
    void clean_up() {
        if (!std::exchange(cleaning_, true)) context_.start(clean_up_bit_by_bit());
    }
    Task<void> clean_up_bit_by_bit();

    mod::Context& context_;
    QuarantineConfig config_;
    std::unordered_map<std::size_t, quarantine::Rate> rates_;  ///< of strangers, by the hash of their bare address
    bool cleaning_ = false;
};

/// The server itself, its services, and who lives there: rooms.
bool Quarantine::is_service(const Jid& who) const {
    const session::Host* const there = context_.home().host(who.domain());
    return there != nullptr && (there->is_service() || !who.has_local());
}

bool Quarantine::is_contact(const Account& account, const Jid& who) const {
    const session::SubscriptionState state = account.contacts().state(who.bare_text());
    return state.subscription != db::Subscription::none || state.pending_out || state.approved;
}

bool Quarantine::is_known(Account& account, const Jid& who) const {
    if (who.same_bare(account.jid()) || is_service(who) || is_contact(account, who)) return true;
    if (account.slot<Queue>().known.contains(who)) return true;
    // Rooms, too: whoever enters one sends presence to an occupant, and hears from all of them.
    return std::ranges::any_of(account.sessions(), [&](const auto& session) {
        return session->told() != nullptr &&
               std::ranges::any_of(*session->told(), [&](const Jid& told) { return told.same_bare(who); });
    });
}

bool Quarantine::within_rates(Account& account, const Jid& from) {
    constexpr std::size_t most_strangers = 10'000;
    const Instant now = context_.home().shard().now();
    if (rates_.size() >= most_strangers) std::erase_if(rates_, [&](const auto& each) { return each.second.idle(now); });
    if (rates_.size() >= most_strangers) rates_.clear();
    return rates_[from.bare_hash()].take(now, config_.sender_rate) &&
           account.slot<Queue>().rate.take(now, config_.account_rate);
}

bool Quarantine::has_room(Account& account, const Jid& from, std::size_t bytes) const {
    return quarantine::has_room(account.slot<Queue>().senders, from.bare_text(), bytes,
                                {.of_sender = config_.of_sender, .messages = config_.messages, .bytes = config_.bytes});
}

mod::Step Quarantine::screen(session::Transit& transit) {
    Account& account = transit.account;
    auto& queue = account.slot<Queue>();
    const Jid& from = transit.message.from();
    if (transit.to_self || queue.delivering) return mod::Flow::pass;
    const bool known = is_known(account, from);
    // What is being delivered goes first.
    if (known && !queue.releases(from.bare_text())) return mod::Flow::pass;
    const Fate fate = quarantine::fate_of(transit.message);
    if (fate == Fate::pass || (fate == Fate::drop && known)) return mod::Flow::pass;
    const std::size_t bytes = transit.bytes()->size();
    if (known && !has_room(account, from, bytes)) return mod::Flow::pass;
    if (!known && config_.strangers != Strangers::off && fate == Fate::drop) return mod::Flow::taken;
    if (!known && config_.strangers == Strangers::refuse) return std::unexpected{unwanted};
    if (!known && !within_rates(account, from)) return std::unexpected{too_much};
    if (config_.strangers != Strangers::hold) return mod::Flow::pass;
    if (!has_room(account, from, bytes)) return std::unexpected{too_much};

    const Timestamp now = context_.clock().now();
    db::Quarantine::hold(transit.unit, account.jid().text(), from.bare_text(), false, now, transit.bytes());
    queue.add(from.bare_text(), false, bytes, now);
    return mod::Flow::taken;
}

mod::Step Quarantine::screen_request(Account& account, const Presence& presence) {
    auto& queue = account.slot<Queue>();
    const Jid& from = presence.from();
    if (queue.delivering || is_known(account, from)) return mod::Flow::pass;
    if (config_.strangers == Strangers::refuse) return std::unexpected{unwanted};
    const db::HeldSender* const waiting = queue.find(from.bare_text());
    if (waiting != nullptr && waiting->request) return mod::Flow::taken;
    if (!within_rates(account, from)) return std::unexpected{too_much};
    if (config_.strangers == Strangers::off) return mod::Flow::pass;
    if (!has_room(account, from, presence.wire()->size())) return std::unexpected{too_much};

    const Timestamp now = context_.clock().now();
    db::Unit unit;
    db::Quarantine::hold(unit, account.jid().text(), from.bare_text(), true, now, presence.wire());
    // Before what the sender's roster remembers of it, which follows.
    context_.home().commit(std::move(unit), [log = context_.log(), jid = account.jid()](bool stored) {
        if (!stored) log.error("a request for a subscription is lost", kv("account", jid));
    });
    queue.add(from.bare_text(), true, presence.wire()->size(), now);
    return mod::Flow::taken;
}

/// Whom somebody writes to is no stranger to him any more.
mod::Step Quarantine::remember(session::Transit& transit) {
    Account& account = transit.account;
    const Jid& to = transit.peer();
    if (transit.to_self || is_service(to) || is_contact(account, to)) return mod::Flow::pass;
    if (account.slot<Queue>().known.contains(to) || quarantine::fate_of(transit.message) != Fate::hold)
        return mod::Flow::pass;
    acquaint(account, to, transit.unit);
    let_out(account, to);
    return mod::Flow::pass;
}

void Quarantine::acquaint(Account& account, const Jid& who, db::Unit& unit) {
    auto& queue = account.slot<Queue>();
    queue.known.add(who);
    std::vector<std::string> addresses = std::exchange(queue.unsaved, {});
    addresses.emplace_back(who.bare_text());
    db::Quarantine::add_acquaintances(unit, account.jid().text(), std::move(addresses), context_.clock().now(),
                                      quarantine::Acquaintances::most);
}

void Quarantine::let_out(Account& account, const Jid& sender) {
    if (account.slot<Queue>().find(sender.bare_text()) == nullptr) return;
    account.tasks().start(quarantine::release(context_.home(), account, std::string{sender.bare_text()}));
}

void Quarantine::look_at_contact(Account& account, const Jid& contact, db::Subscription /*before*/,
                                 db::Subscription after) {
    if (after != db::Subscription::none) let_out(account, contact);
}

/// Who was asked for a subscription meanwhile, by whatever way.
void Quarantine::look_at_all(session::Session& session) {
    Account& account = session.account();
    const std::vector<db::HeldSender> senders = account.slot<Queue>().senders;
    for (const db::HeldSender& each : senders)
        if (const Result<Jid> sender = Jid::parse(each.sender); sender && is_known(account, *sender))
            let_out(account, *sender);
}

void Quarantine::discard_blocked(Account& account, const Jid& blocked, db::Unit& unit) {
    session::Blocklist only;
    only.add(blocked);
    auto& queue = account.slot<Queue>();
    const std::vector<db::HeldSender> senders = queue.senders;
    for (const db::HeldSender& each : senders) {
        const Result<Jid> sender = Jid::parse(each.sender);
        if (!sender || !only.blocks(*sender)) continue;
        db::Quarantine::remove_sender(unit, account.jid().text(), each.sender);
        queue.forget(each.sender);
    }
}

/// First the strangers, with the beginning of what they have written; then what is to become of it.
Task<Result<commands::Stage>> Quarantine::decide(commands::Call& call) {
    namespace dataforms = xep::dataforms;
    Account* const account = call.account();
    if (account == nullptr) co_return commands::failed("The account has gone.");
    if (call.stage() == 0) {
        if (account->slot<Queue>().senders.empty()) co_return commands::done("No stranger has written to you.");
        Task<std::vector<dataforms::Option>> work = options_for(account->jid().text(), account->slot<Queue>().senders);
        const std::vector<dataforms::Option> options = co_await work;
        dataforms::Form form = dataforms::filled(quarantine::Choice{}, dataforms::Kind::form);
        for (dataforms::Field& field : form.fields)
            if (field.var == "senders") field.options = options;
        co_return commands::ask(std::move(form));
    }
    const Result<quarantine::Choice> choice = call.answer<quarantine::Choice>();
    if (!choice) co_return std::unexpected{choice.error()};
    Task<Result<void>> work = carry_out(account->jid().text(), *choice);
    const Result<void> stored = co_await work;
    if (!stored) co_return std::unexpected{stored.error()};
    co_return commands::done();
}

Task<std::vector<xep::dataforms::Option>> Quarantine::options_for(std::string owner,
                                                                  std::vector<db::HeldSender> senders) {
    auto job = [owner = std::move(owner), senders = std::move(senders)](db::Connection& connection) {
        std::vector<xep::dataforms::Option> options;
        for (const db::HeldSender& each : senders) {
            const auto first = db::Quarantine::load(connection, owner, each.sender, 0, 1);
            const std::string_view stanza = first.empty() ? std::string_view{} : std::string_view{first[0].stanza};
            options.push_back({.label = quarantine::label_of(each, stanza), .value = each.sender});
        }
        return options;
    };
    co_return co_await context_.read(std::move(job));
}

Task<Result<void>> Quarantine::carry_out(std::string owner, const quarantine::Choice& choice) {
    const Jid jid = *Jid::parse(owner);
    Account* account = context_.home().find(jid);
    if (account == nullptr) co_return Result<void>{};
    db::Unit unit;
    for (const Jid& sender : choice.senders) {
        if (choice.wish == quarantine::Wish::discard) {
            db::Quarantine::remove_sender(unit, owner, sender.bare_text());
            account->slot<Queue>().forget(sender.bare_text());
        } else {
            acquaint(*account, sender, unit);
        }
    }
    const Result<void> stored = co_await context_.commit(std::move(unit));
    account = context_.home().find(jid);
    if (!stored || account == nullptr) co_return stored;
    if (choice.wish == quarantine::Wish::deliver)
        for (const Jid& sender : choice.senders) let_out(*account, sender);
    co_return Result<void>{};
}

/// What waits since strangers were held is delivered when they are not held any more.
Task<void> Quarantine::let_all_out_bit_by_bit() {
    constexpr std::size_t bit = 100;
    std::string reached;
    for (bool more = true; more;) {
        auto job = [reached](db::Connection& connection) { return db::Quarantine::owners(connection, reached, bit); };
        const std::vector<std::string> owners = co_await context_.read(std::move(job));
        std::vector<Jid> ours;
        for (const std::string& owner : owners)
            if (Result<Jid> jid = Jid::parse(owner); jid && jid->domain() == context_.host().jid().domain())
                ours.push_back(std::move(*jid));
        context_.home().by_home(ours, [](session::Home& home, const std::vector<Jid>& part) {
            for (const Jid& owner : part)
                home.with(owner, [&home](Account* account, session::Missing) {
                    if (account != nullptr) account->tasks().start(quarantine::release(home, *account, {}));
                });
        });
        more = owners.size() == bit;
        if (more) reached = owners.back();
    }
}

Task<void> Quarantine::clean_up_bit_by_bit() {
    struct Done {
        bool& flag;
        ~Done() { flag = false; }
    } const done{cleaning_};
    constexpr std::size_t bit = 500;
    const Timestamp cutoff = context_.clock().now() - config_.keep_for;
    db::Database& database = context_.home().stores().database;
    for (bool more = true; more;) {
        auto job = [cutoff](db::Connection& connection) {
            return db::Quarantine::forget_before(connection, cutoff, bit) == bit;
        };
        more = co_await database.write(context_.home().way_back(), std::move(job));
    }
}

}  // namespace

extern const mod::Info quarantine_info;
const mod::Info quarantine_info{.name = "quarantine",
                                .summary = "Keeps what strangers send until the user wants it, or refuses it.",
                                .implements = {},
                                .config = &config::schema_of<QuarantineConfig>,
                                .for_guests = false,
                                .make = mod::make<Quarantine>};

}  // namespace aldis::modules
