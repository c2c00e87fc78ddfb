#include <algorithm>

#include "config/fields.h"
#include "mod/module.h"
#include "modules/commands.h"
#include "modules/message_status_rules.h"

namespace aldis::modules {
namespace {

using db::StatusEvent;
using message_status::Question;
using std::chrono::days;

constexpr std::chrono::seconds round{1};
constexpr std::size_t large = 1'000;  ///< events that are written without waiting for the round to end

struct MessageStatusConfig {
    days keep_for{30};
    static constexpr auto fields = config::fields(config::field<&MessageStatusConfig::keep_for>(
        "keep_for", config::at_least(days{1}), config::doc("What became of older messages is forgotten.")));
};

/// A message whose acknowledgement by the receiver's client is news for its sender.
struct Outgoing final : session::Tracked {
    Outgoing(std::string_view from, std::string_view to, std::string_view named, Timestamp at)
        : owner{from}, peer{to}, id{named}, sent{at} {}
    std::string owner, peer, id;
    Timestamp sent;
};

/// Knows of the chat messages of an account whether they were sent, delivered and displayed, and when. That one was
/// sent is committed with it, if it asks to be told more; the rest is told by what passes anyway: acknowledgements of
/// the receiver's client (XEP-0198), receipts (XEP-0184) and markers (XEP-0333). Each costs a line in memory, and these
/// are written all in one: at once where little happens, else once a second. So a second of these hints is lost if the
/// server is killed. Their owner reads them by an ad-hoc command (XEP-0050).
class MessageStatus final : public mod::Module {
public:
    explicit MessageStatus(mod::Context& context)
        : context_{context}, keep_for_{context.config<MessageStatusConfig>().keep_for} {
        context.on_message(mod::Direction::outward, mod::Phase::archive, *this, &MessageStatus::record);
        context.on_message(mod::Direction::inward, mod::Phase::archive, *this, &MessageStatus::note_news);
        context.on_message(mod::Direction::inward, mod::Phase::archive, *this, &MessageStatus::track);
        context.on_acknowledged(*this, &MessageStatus::note_acknowledged);
        context.on_last_gone(*this, &MessageStatus::write_early);
        context.host().slot<commands::Registry>().add({.node = std::string{message_status::command_node},
                                                       .name = std::string{message_status::command_name},
                                                       .run = commands::method(*this, &MessageStatus::tell)});
        context.every(round, *this, &MessageStatus::write);
        // One of all instances cleans up: the messages of all owners are one table.
        if (context.home().shard().index() == 0)
            context.every(std::chrono::minutes{10}, *this, &MessageStatus::clean_up);
    }

private:
    mod::Step record(session::Transit& transit);
    mod::Step note_news(session::Transit& transit);
    mod::Step track(session::Transit& transit);
    void note_acknowledged(session::Session& session, const session::Tracked& tracked);
    void note(StatusEvent event);
    void write();
    /// So that the server can stop without losing anything.
    void write_early(session::Account& /*account*/, const Presence* /*said*/) { write(); }

    Task<Result<commands::Stage>> tell(commands::Call& call);
    Task<Result<commands::Stage>> look_up(std::string owner, Question question);

    void clean_up();
    Task<void> clean_up_bit_by_bit();

    mod::Context& context_;
    days keep_for_;
    std::vector<StatusEvent> events_;  ///< that are not on disk yet: no more than `large`
    Instant written_{};
    bool cleaning_ = false;
};

/// In one transaction with the message itself: it is known if it is stored, and before anybody can say more about it.
mod::Step MessageStatus::record(session::Transit& transit) {
    const Message& message = transit.message;
    if (transit.to_self || !message_status::asks_for_news(message) || !message_status::is_of_interest(message))
        return mod::Flow::pass;
    StatusEvent sent{.kind = StatusEvent::Kind::sent,
                     .owner = transit.account.jid().text(),
                     .peer = std::string{transit.peer().bare_text()},
                     .id = std::string{*message.id()},
                     .at = context_.clock().now()};
    transit.unit.add([sent = std::move(sent)](
                         db::Connection& connection) { db::MessageStatus::apply(connection, std::span{&sent, 1}); },
                     2 * sizeof(StatusEvent));
    return mod::Flow::pass;
}

/// A client of the receiver has sent it of its own will, so it counts whoever may see whose presence.
mod::Step MessageStatus::note_news(session::Transit& transit) {
    if (transit.to_self) return mod::Flow::pass;
    if (std::optional<message_status::News> news = message_status::news_in(transit.message))
        note({.kind = news->kind,
              .owner = transit.account.jid().text(),
              .peer = std::string{transit.peer().bare_text()},
              .id = std::move(news->id),
              .at = context_.clock().now()});
    return mod::Flow::pass;
}

/// An acknowledgement tells that somebody is there, or when he came: nothing for those who may not see his presence.
mod::Step MessageStatus::track(session::Transit& transit) {
    const Jid& sender = transit.message.from();
    if (transit.to_self || transit.tracked || !message_status::is_of_interest(transit.message)) return mod::Flow::pass;
    if (context_.home().host(sender.domain()) == nullptr) return mod::Flow::pass;  // his own server knows
    const auto is_managed = [](const auto& session) { return session->management() != nullptr; };
    if (std::ranges::none_of(transit.account.sessions(), is_managed)) return mod::Flow::pass;
    if (transit.account.contacts().subscribed_from(sender.bare_text()))
        transit.tracked = std::make_shared<const Outgoing>(sender.bare_text(), transit.account.jid().text(),
                                                           *transit.message.id(), context_.clock().now());
    return mod::Flow::pass;
}

void MessageStatus::note_acknowledged(session::Session& /*session*/, const session::Tracked& tracked) {
    if (const auto* const outgoing = dynamic_cast<const Outgoing*>(&tracked))
        note({.kind = StatusEvent::Kind::delivered,
              .owner = outgoing->owner,
              .peer = outgoing->peer,
              .id = outgoing->id,
              .at = context_.clock().now(),
              .sent = outgoing->sent});
}

void MessageStatus::note(StatusEvent event) {
    events_.push_back(std::move(event));
    const bool quiet = context_.home().shard().now() - written_ >= round;
    if (quiet || events_.size() >= large) write();
}

/// Nobody waits for it to be on disk.
void MessageStatus::write() {
    if (events_.empty()) return;
    written_ = context_.home().shard().now();
    const std::size_t bytes = events_.size() * 2 * sizeof(StatusEvent);
    db::Unit unit;
    unit.add([events = std::exchange(events_, {})](
                 db::Connection& connection) { db::MessageStatus::apply(connection, events); },
             bytes);
    context_.home().commit(std::move(unit), [log = context_.log()](bool stored) {
        if (!stored) log.warn("what became of some messages is not stored");
    });
}

Task<Result<commands::Stage>> MessageStatus::tell(commands::Call& call) {
    if (call.stage() == 0) co_return commands::ask(message_status::blank());
    Result<Question> question = call.answer<Question>();
    if (!question) co_return std::unexpected{question.error()};
    // What has just happened is part of the answer.
    write();
    const Result<void> written = co_await context_.commit({});
    if (!written) co_return std::unexpected{written.error()};
    co_return co_await look_up(call.to().text(), std::move(*question));
}

Task<Result<commands::Stage>> MessageStatus::look_up(std::string owner, Question question) {
    auto job = [owner = std::move(owner), question = std::move(question)](db::Connection& connection) {
        std::vector<db::MessageState> found;
        const std::string_view peer = question.with.bare_text();
        if (!question.id) {
            const std::uint32_t most = std::min(question.max.value_or(Question::usual), Question::largest);
            return db::MessageStatus::page(connection, owner, peer, most);
        }
        if (auto state = db::MessageStatus::find(connection, owner, peer, *question.id))
            found.push_back(std::move(*state));
        return found;
    };
    const std::vector<db::MessageState> states = co_await context_.read(std::move(job));
    co_return commands::show(message_status::table(states),
                             states.empty() ? "Nothing is known of such messages." : std::string{});
}

void MessageStatus::clean_up() {
    if (!std::exchange(cleaning_, true)) context_.start(clean_up_bit_by_bit());
}

/// Deletes what is too old and what removed accounts have left, a little at a time, so that nobody waits for it.
Task<void> MessageStatus::clean_up_bit_by_bit() {
    struct Done {
        bool& flag;
        ~Done() { flag = false; }
    } const done{cleaning_};
    constexpr std::size_t bit = 500;
    const Timestamp cutoff = context_.clock().now() - keep_for_;
    db::Database& database = context_.home().stores().database;
    for (bool more = true; more;) {
        auto job = [cutoff](db::Connection& connection) {
            return db::MessageStatus::forget_before(connection, cutoff, bit) == bit ||
                   db::MessageStatus::purge(connection, bit) == bit;
        };
        more = co_await database.write(context_.home().way_back(), std::move(job));
    }
}

constexpr mod::Spec specs[] = {{"XEP-0184", "1.4.0"}, {"XEP-0333", "1.0.0"}};

}  // namespace

extern const mod::Info message_status_info;
const mod::Info message_status_info{.name = "message_status",
                                    .summary = "Remembers what became of messages: sent, delivered, displayed.",
                                    .implements = specs,
                                    .config = &config::schema_of<MessageStatusConfig>,
                                    .for_guests = false,
                                    .make = mod::make<MessageStatus>};

}  // namespace aldis::modules
