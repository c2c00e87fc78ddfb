#include "config/fields.h"
#include "mod/module.h"
#include "modules/commands.h"
#include "modules/message_status_rules.h"

namespace aldis::modules {
namespace {

namespace commands = xep::commands;
using db::StatusEvent;
using message_status::Question;
using std::chrono::days;

struct MessageStatusConfig {
    days keep_for{30};
    static constexpr auto fields = config::fields(config::field<&MessageStatusConfig::keep_for>(
        "keep_for", config::at_least(days{1}), config::doc("What became of older messages is forgotten.")));
};

/// Knows of each chat message of an account whether it was sent, delivered and displayed, and when. Fed by what passes
/// anyway: the commit of the message, receipts (XEP-0184) and markers (XEP-0333). Each costs a line in memory; once a
/// second these are written, all in one. So the last second is lost if the server is killed, of hints: what was really
/// sent is in the archive. Its owner reads it by an ad-hoc command (XEP-0050).
class MessageStatus final : public mod::Module {
public:
    explicit MessageStatus(mod::Context& context)
        : context_{context}, keep_for_{context.config<MessageStatusConfig>().keep_for} {
        using mod::For;
        context.on_message(mod::Direction::outward, mod::Phase::deliver, *this, &MessageStatus::note_sent);
        context.on_message(mod::Direction::inward, mod::Phase::archive, *this, &MessageStatus::note_news);
        context.on_last_gone(*this, &MessageStatus::write_early);
        context.on_iq(IqType::set, For::own_account, *this, &MessageStatus::command);
        context.on_iq(IqType::set, For::account, *this, &MessageStatus::forbid);
        context.on_iq(IqType::set, For::nobody, *this, &MessageStatus::forbid);
        context.every(std::chrono::seconds{1}, *this, &MessageStatus::write);
        // One of all instances cleans up: the messages of all owners are one table.
        if (context.home().shard().index() == 0)
            context.every(std::chrono::minutes{10}, *this, &MessageStatus::clean_up);
    }

private:
    mod::Step note_sent(session::Transit& transit);
    mod::Step note_news(session::Transit& transit);
    void note(StatusEvent event);
    void write() { write(journal_.take()); }
    void write(std::vector<StatusEvent> events);
    /// So that the server can stop without losing anything.
    void write_early(session::Account& /*account*/, const Presence* /*said*/) { write(journal_.take_all()); }

    Task<Result<commands::Command>> command(mod::Request request, commands::Command asked);
    Task<Result<commands::Command>> look_up(std::string owner, Question question, std::string session_id);
    Result<mod::Empty> forbid(const mod::Request& /*request*/, commands::Command /*asked*/) {
        return refuse(Condition::forbidden, ErrorType::auth);
    }

    void clean_up();
    Task<void> clean_up_bit_by_bit();

    mod::Context& context_;
    days keep_for_;
    message_status::Journal journal_;
    bool cleaning_ = false;
};

/// It is on disk, and nobody has refused it.
mod::Step MessageStatus::note_sent(session::Transit& transit) {
    const Message& message = transit.message;
    if (!transit.to_self && message_status::is_of_interest(message))
        note({.kind = StatusEvent::Kind::sent,
              .owner = transit.account.jid().text(),
              .peer = std::string{transit.peer().bare_text()},
              .id = std::string{*message.id()},
              .at = context_.clock().now()});
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

void MessageStatus::note(StatusEvent event) {
    journal_.add(std::move(event));
    if (journal_.is_large()) write();
}

/// Nobody waits for it to be on disk.
void MessageStatus::write(std::vector<StatusEvent> events) {
    if (events.empty()) return;
    const std::size_t bytes = events.size() * 2 * sizeof(StatusEvent);
    db::Unit unit;
    unit.add([events = std::move(events)](db::Connection& connection) { db::MessageStatus::apply(connection, events); },
             bytes);
    context_.home().commit(std::move(unit), [log = context_.log()](bool stored) {
        if (!stored) log.warn("what became of some messages is not stored");
    });
}

/// Two stages: a form to fill in, then the table. Nothing is remembered between them, so that there is nothing to bound
/// and nothing expires; who knows the form may send it at once.
Task<Result<commands::Command>> MessageStatus::command(mod::Request request, commands::Command asked) {
    if (asked.node != message_status_command.node) co_return refuse(Condition::item_not_found, ErrorType::cancel);
    std::string session_id =
        asked.sessionid && !asked.sessionid->empty() ? *asked.sessionid : context_.random().token(12);
    if (asked.action == commands::Action::cancel)
        co_return commands::Command{
            .node = asked.node, .sessionid = std::move(session_id), .status = commands::Status::canceled};
    if (asked.action == commands::Action::prev || (asked.sessionid && !asked.form))
        co_return refuse(Condition::bad_request, ErrorType::modify);
    if (!asked.form) co_return message_status::blank(std::move(session_id));

    Result<Question> question = message_status::question_of(std::move(*asked.form));
    if (!question) co_return std::unexpected{question.error()};
    // What has just happened is part of the answer.
    write(journal_.take_all());
    const Result<void> written = co_await context_.commit({});
    if (!written) co_return std::unexpected{written.error()};
    co_return co_await look_up(request.account->jid().text(), std::move(*question), std::move(session_id));
}

Task<Result<commands::Command>> MessageStatus::look_up(std::string owner, Question question, std::string session_id) {
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
    co_return message_status::answer(std::move(session_id), states);
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

constexpr mod::Spec specs[] = {{"XEP-0050", "1.3.0"}, {"XEP-0184", "1.4.0"}, {"XEP-0333", "1.0.0"}};

}  // namespace

extern const mod::Info message_status_info;
const mod::Info message_status_info{.name = "message_status",
                                    .summary = "Remembers what became of messages: sent, delivered, displayed.",
                                    .implements = specs,
                                    .config = &config::schema_of<MessageStatusConfig>,
                                    .make = mod::make<MessageStatus>};

}  // namespace aldis::modules
