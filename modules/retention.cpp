#include "modules/retention.h"

#include "config/fields.h"
#include "mod/module.h"
#include "modules/commands.h"
#include "modules/retention_rules.h"

namespace aldis::modules {
namespace {

using retention::Choice;
using std::chrono::days;

struct RetentionConfig {
    days keep_for{0};
    std::map<std::string, days> domains = {};
    bool own_choice = true;
    static constexpr auto fields = config::fields(
        config::field<&RetentionConfig::keep_for>(
            "keep_for", config::at_least(days{0}),
            config::doc("Older messages are deleted from archives; 0 keeps them for ever.")),
        config::field<&RetentionConfig::domains>(
            "domains", config::doc("The same for single domains, such as `\"example.org\" = \"30 d\"`.")),
        config::field<&RetentionConfig::own_choice>(
            "own_choice", config::doc("Lets accounts choose to keep their messages for less than that.")));
};

constexpr std::chrono::minutes sweep_period{60};
constexpr std::chrono::seconds slice_period{1};
constexpr std::chrono::milliseconds slice{300};  ///< of each period, while others have something to write
constexpr std::size_t owners_at_once = 100;
constexpr std::size_t deleted_at_once = 100;

/// An archive in which something is too old.
struct Overdue {
    std::int64_t owner = 0;
    Timestamp cutoff{};
};

/// What one look at some archives has found.
struct Found {
    bool last = false;
    std::int64_t after = 0;
    std::vector<Overdue> overdue = {};
};

Found look(db::Connection& connection, std::int64_t after, const retention::Limits& limits, Timestamp now) {
    Found found{.after = after};
    // Mostly nobody has set a limit.
    if (!limits.any() && !db::Retention::any(connection)) return Found{.last = true};
    const auto owners = db::Archive::owners(connection, found.after, owners_at_once);
    if (!owners) return Found{.last = true};
    for (const db::ArchiveOwner& owner : *owners) {
        const auto cutoff = retention::cutoff_of(owner.jid, db::Retention::find(connection, owner.jid), limits, now);
        if (cutoff && owner.oldest.time() < *cutoff) found.overdue.push_back({owner.number, *cutoff});
    }
    return found;
}

/// Deletes messages that are older than the domain or their owner wants, a few at a time, off the way of others. With
/// them goes what the index of words (XEP-0431) and the inbox (XEP-0430) have of them.
class Retention final : public mod::Module {
public:
    explicit Retention(mod::Context& context) : context_{context} {
        const auto& config = context.config<RetentionConfig>();
        limits_ = {.all = config.keep_for, .domains = config.domains};
        limit_ = limits_.of(context.host().jid().text());
        context.host().slot<retention::Policy>() = {.on = true, .keep = limit_};
        if (config.own_choice)
            context.host().slot<commands::Registry>().add({.node = "retention",
                                                           .name = "How long my messages are kept",
                                                           .run = commands::method(*this, &Retention::choose)});
        // One of all instances deletes: the archives of all owners are one table.
        if (context.store<db::Retention>().take_charge()) context.every(slice_period, *this, &Retention::begin);
    }

private:
    Task<Result<commands::Stage>> choose(commands::Call& call);
    void begin();
    Task<void> sweep();
    Task<Found> next();
    Task<void> forget(Overdue overdue);
    [[nodiscard]] bool is_time_up() const;

    mod::Context& context_;
    retention::Limits limits_;
    days limit_{0};
    Instant begun_{};                    ///< this slice
    std::optional<Instant> ended_ = {};  ///< the last sweep; nothing: it goes on
    bool at_work_ = false;
    std::int64_t after_ = 0;
    std::vector<Overdue> overdue_;
};

Task<Result<commands::Stage>> Retention::choose(commands::Call& call) {
    const std::string owner = call.to().text();
    if (call.stage() == 0) {
        auto find = [owner](db::Connection& connection) { return db::Retention::find(connection, owner); };
        const std::optional<days> own = co_await context_.read(std::move(find));
        const Choice present{.days = static_cast<std::uint32_t>(own.value_or(days{0}).count())};
        co_return commands::ask(retention::form_of(present, limit_));
    }
    const Result<Choice> choice = call.answer<Choice>();
    if (!choice) co_return std::unexpected{choice.error()};
    if (choice->days > Choice::most) co_return commands::reject("days", "That is too long.");
    db::Unit unit;
    db::Retention::put(unit, owner, choice->days == 0 ? std::nullopt : std::optional{days{choice->days}});
    const Result<void> stored = co_await context_.commit(std::move(unit));
    if (!stored) co_return std::unexpected{stored.error()};
    co_return commands::done(retention::told(*choice, limit_));
}

void Retention::begin() {
    const Instant now = context_.home().shard().now();
    if (at_work_ || (ended_ && now - *ended_ < sweep_period)) return;
    at_work_ = true;
    begun_ = now;
    context_.start(sweep());
}

/// Goes on where the last slice has stopped.
Task<void> Retention::sweep() {
    struct Done {
        bool& flag;
        ~Done() { flag = false; }
    } const done{at_work_};
    ended_.reset();
    while (!is_time_up()) {
        if (!overdue_.empty()) {
            const Overdue first = overdue_.back();
            co_await forget(first);
            continue;
        }
        Found found = co_await next();
        after_ = found.after;
        overdue_ = std::move(found.overdue);
        if (!found.last) continue;
        ended_ = context_.home().shard().now();
        co_return;
    }
}

bool Retention::is_time_up() const {
    const db::Metrics& metrics = context_.home().stores().database.metrics();
    return metrics.units_waiting.load(std::memory_order_relaxed) > 0 && context_.home().shard().now() - begun_ >= slice;
}

Task<Found> Retention::next() {
    auto job = [after = after_, limits = limits_, now = context_.clock().now()](db::Connection& connection) {
        return look(connection, after, limits, now);
    };
    co_return co_await context_.read(std::move(job));
}

/// A little of what one archive has too much.
Task<void> Retention::forget(Overdue overdue) {
    auto job = [overdue](db::Connection& connection) {
        return db::Archive::forget_before(connection, overdue.owner, overdue.cutoff, deleted_at_once);
    };
    const std::size_t deleted =
        co_await context_.home().stores().database.write(context_.home().way_back(), std::move(job));
    if (deleted < deleted_at_once) overdue_.pop_back();
}

}  // namespace

extern const mod::Info retention_info;
const mod::Info retention_info{.name = "retention",
                               .summary = "Deletes messages that are older than they are to become.",
                               .implements = {},
                               .config = &config::schema_of<RetentionConfig>,
                               .for_guests = false,
                               .make = mod::make<Retention>};

}  // namespace aldis::modules
