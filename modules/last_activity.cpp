#include "mod/module.h"
#include "modules/commands.h"
#include "modules/last_activity_rules.h"
#include "xep/xep0012_last_activity.h"

namespace aldis::modules {
namespace {

/// When the account's last resource went, while it is still in memory: it may not be on disk yet.
struct Left {
    std::optional<db::LastSeen> seen;
};

using last_activity::LastSeenPrivacy;

/// Nothing for the many who never said anything.
std::unique_ptr<session::SlotBase> load_privacy(db::Connection& connection, const std::string& owner) {
    std::optional<LastSeenPrivacy> privacy = db::LastActivity::find_privacy(connection, owner);
    return privacy ? session::slot_of(*std::move(privacy)) : nullptr;
}

LastSeenPrivacy privacy_of(session::Account& account) {
    const LastSeenPrivacy* const said = account.slots().find<LastSeenPrivacy>();
    return said == nullptr ? LastSeenPrivacy{} : *said;
}

/// XEP-0012: Last Activity. A server tells how long it has been up, an account how long ago somebody was there; a
/// resource answers for itself. Who may know is up to the account's owner, by an ad-hoc command; what presence tells of
/// it (XEP-0319) follows him.
class LastActivity final : public mod::Module {
public:
    explicit LastActivity(mod::Context& context) : context_{context}, started_{context.clock().steady()} {
        using mod::For;
        context.on_iq(IqType::get, For::server, *this, &LastActivity::uptime);
        context.on_iq(IqType::get, For::own_account, *this, &LastActivity::of_oneself);
        context.on_iq(IqType::get, For::account, *this, &LastActivity::of_account);
        context.on_iq(IqType::get, For::nobody, *this, &LastActivity::forbid);
        context.on_last_gone(*this, &LastActivity::remember);
        context.on_presence(*this, &LastActivity::hide_idle);
        context.handlers().loaders.emplace_back(&load_privacy);
        context.host().slot<commands::Registry>().add({.node = std::string{last_activity::privacy_node},
                                                       .name = "Who sees when you were last here",
                                                       .run = commands::method(*this, &LastActivity::set_privacy)});
    }

private:
    Result<xep::LastActivity> uptime(const mod::Request& /*request*/, xep::LastActivity /*asked*/) {
        const auto up = context_.clock().steady() - started_;
        return xep::LastActivity{.seconds = std::chrono::floor<std::chrono::seconds>(up).count()};
    }
    /// Whoever asks is connected.
    Result<xep::LastActivity> of_oneself(const mod::Request& /*request*/, xep::LastActivity /*asked*/) {
        return xep::LastActivity{.seconds = 0};
    }
    Task<Result<xep::LastActivity>> of_account(mod::Request request, xep::LastActivity asked);
    Result<xep::LastActivity> forbid(const mod::Request& /*request*/, xep::LastActivity /*asked*/) {
        return refuse(Condition::forbidden, ErrorType::auth);
    }
    void remember(session::Account& account, const Presence* said);
    Task<Result<commands::Stage>> set_privacy(commands::Call& call);
    void hide_idle(session::Session& session, Presence& presence) {
        session::Account& account = session.account();
        const LastSeenPrivacy* const said = account.slots().find<LastSeenPrivacy>();
        if (said != nullptr) last_activity::hide_idle(presence, account.jid(), account.contacts(), *said);
    }

    mod::Context& context_;
    Instant started_;
};

Task<Result<xep::LastActivity>> LastActivity::of_account(mod::Request request, xep::LastActivity asked) {
    session::Account& account = *request.account;
    if (!last_activity::may_know(request.iq->from(), account.jid(), account.contacts(), privacy_of(account)))
        co_return forbid(request, asked);
    // Who is connected but not available does not wish to be seen.
    if (account.has_available()) co_return xep::LastActivity{.seconds = 0};

    std::optional<db::LastSeen> seen;
    if (const Left* const left = account.slots().find<Left>()) seen = left->seen;
    if (!seen) {
        auto job = [owner = account.jid().text()](db::Connection& connection) {
            return db::LastActivity::find(connection, owner);
        };
        seen = co_await context_.read(std::move(job));
    }
    if (!seen) co_return refuse(Condition::item_not_found, ErrorType::cancel, "Nobody has been here yet.");
    xep::LastActivity answer{.seconds = last_activity::seconds_between(seen->at, context_.clock().now())};
    if (!seen->status.empty()) answer.status = std::move(seen->status);
    co_return answer;
}

/// Nobody waits for it to be on disk.
void LastActivity::remember(session::Account& account, const Presence* said) {
    const xml::Element* const status = said == nullptr ? nullptr : said->element().child({xml::client_ns, "status"});
    const std::string_view text = status == nullptr ? std::string_view{} : status->text_view();
    const db::LastSeen seen{.at = context_.clock().now(), .status = last_activity::kept_status(text)};
    account.slot<Left>().seen = seen;
    db::Unit unit;
    db::LastActivity::put(unit, account.jid().text(), seen);
    context_.home().commit(std::move(unit), [log = context_.log(), jid = account.jid()](bool stored) {
        if (!stored) log.warn("when somebody was last here is not stored", kv("account", jid));
    });
}

Task<Result<commands::Stage>> LastActivity::set_privacy(commands::Call& call) {
    namespace dataforms = xep::dataforms;
    session::Account* account = call.account();
    if (account == nullptr) co_return commands::failed("The account has gone.");
    if (call.stage() == 0)
        co_return commands::ask(dataforms::filled(last_activity::form_of(privacy_of(*account)), dataforms::Kind::form));
    const Result<last_activity::PrivacyForm> wished = call.answer<last_activity::PrivacyForm>();
    if (!wished) co_return std::unexpected{wished.error()};
    if (wished->list.size() > last_activity::most_listed)
        co_return commands::reject("list", "There are too many addresses.");

    const LastSeenPrivacy next = last_activity::privacy_of(*wished);
    db::Unit unit;
    db::LastActivity::put_privacy(unit, account->jid().text(), next);
    const Result<void> stored = co_await context_.commit(std::move(unit));
    if (!stored) co_return std::unexpected{stored.error()};
    account = call.account();
    if (account == nullptr) co_return commands::done();
    account->slot<LastSeenPrivacy>() = next;
    for (const auto& session : account->sessions())
        if (session->available()) account->show_again(*session);
    co_return commands::done();
}

constexpr mod::Spec specs[] = {{"XEP-0012", "2.0"}, {"XEP-0319", "1.0.2"}};

}  // namespace

extern const mod::Info last_activity_info;
const mod::Info last_activity_info{.name = "last_activity",
                                   .summary = "Tells contacts when somebody was last here.",
                                   .implements = specs,
                                   .for_guests = false,
                                   .make = mod::make<LastActivity>};

}  // namespace aldis::modules
