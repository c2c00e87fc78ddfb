#include "mod/module.h"
#include "modules/last_activity_rules.h"
#include "xep/xep0012_last_activity.h"

namespace aldis::modules {
namespace {

/// When the account's last resource went, while it is still in memory: it may not be on disk yet.
struct Left {
    std::optional<db::LastSeen> seen;
};

/// XEP-0012: Last Activity. A server tells how long it has been up, an account how long ago somebody was there; a
/// resource answers for itself.
class LastActivity final : public mod::Module {
public:
    explicit LastActivity(mod::Context& context) : context_{context}, started_{context.clock().steady()} {
        using mod::For;
        context.on_iq(IqType::get, For::server, *this, &LastActivity::uptime);
        context.on_iq(IqType::get, For::own_account, *this, &LastActivity::of_oneself);
        context.on_iq(IqType::get, For::account, *this, &LastActivity::of_account);
        context.on_iq(IqType::get, For::nobody, *this, &LastActivity::forbid);
        context.on_last_gone(*this, &LastActivity::remember);
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

    mod::Context& context_;
    Instant started_;
};

Task<Result<xep::LastActivity>> LastActivity::of_account(mod::Request request, xep::LastActivity asked) {
    session::Account& account = *request.account;
    if (!last_activity::may_know(request.iq->from(), account.jid(), account.contacts()))
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

constexpr mod::Spec specs[] = {{"XEP-0012", "2.0"}};

}  // namespace

extern const mod::Info last_activity_info;
const mod::Info last_activity_info{.name = "last_activity",
                                   .summary = "Tells contacts when somebody was last here.",
                                   .implements = specs,
                                   .for_guests = false,
                                   .make = mod::make<LastActivity>};

}  // namespace aldis::modules
