#include "config/fields.h"
#include "mod/module.h"
#include "modules/blocking.h"
#include "modules/reports_rules.h"

namespace aldis::modules {
namespace {

using std::chrono::days;

struct ReportsConfig {
    std::uint32_t per_account = 20;
    std::uint32_t total = 10'000;
    std::uint32_t messages = 10;
    config::ByteSize bytes = config::kib(64);
    days keep_for{180};
    static constexpr auto fields = config::fields(
        config::field<&ReportsConfig::per_account>(
            "per_account", config::between(1, 1'000),
            config::doc("Reports that are kept of one account; its oldest makes room.")),
        config::field<&ReportsConfig::total>(
            "total", config::between(1, 1'000'000),
            config::doc("Reports that are kept in all; first those that are resolved make room.")),
        config::field<&ReportsConfig::messages>("messages", config::between(0, 100),
                                                config::doc("Messages that are kept with a report, as evidence.")),
        config::field<&ReportsConfig::bytes>("bytes", config::at_most(config::kib(256)),
                                             config::doc("The same, in bytes.")),
        config::field<&ReportsConfig::keep_for>("keep_for", config::at_least(days{1}),
                                                config::doc("Older reports are deleted, resolved or not.")));
};

/// account.slot<Reported>(): for each report, archived messages are read and parsed.
struct Reported {
    static constexpr std::uint32_t most = 30;  ///< in an hour; who is reported besides those is only blocked
    Instant since{};
    std::uint32_t count = 0;

    [[nodiscard]] bool take(Instant now) {
        if (count == 0 || now - since >= std::chrono::hours{1}) *this = {.since = now};
        return ++count <= most;
    }
};

/// XEP-0377: Blocking Command Reports. A report is stored with the block that it comes with, and with copies of what
/// it is about, for the operators (`aldis report`). Nothing is forwarded to anybody: what a user has agreed to in this
/// respect is shown to them.
class Reports final : public mod::Module {
public:
    explicit Reports(mod::Context& context) : context_{context}, config_{context.config<ReportsConfig>()} {
        for (const mod::For place : {mod::For::server, mod::For::own_account})
            context.feature(place, xep::reporting::ns);
        context.host().slot<Blocking>().on_block.emplace_back(
            [this](session::Account& account, const Jid& blocked, const xml::Element& item, db::Unit& unit) {
                take(account, blocked, item, unit);
            });
        // One of all instances cleans up: the reports of all accounts are one table.
        if (context.home().shard().index() == 0) context.every(std::chrono::hours{1}, *this, &Reports::clean_up);
    }

private:
    void take(session::Account& account, const Jid& blocked, const xml::Element& item, db::Unit& unit);
    void clean_up() {
        if (!std::exchange(cleaning_, true)) context_.start(clean_up_bit_by_bit());
    }
    Task<void> clean_up_bit_by_bit();

    mod::Context& context_;
    ReportsConfig config_;
    bool cleaning_ = false;
};

/// "Servers ... MUST block the JID or return an error just as they would if no report were present": one that is
/// malformed counts as none.
void Reports::take(session::Account& account, const Jid& blocked, const xml::Element& item, db::Unit& unit) {
    const std::optional<xep::reporting::Report> said = xml::get<xep::reporting::Report>(item);
    if (!said) return;
    std::optional<db::Report> report = reports::kept(*said, account.jid(), blocked, context_.clock().now());
    if (!report) return;
    if (!account.slot<Reported>().take(context_.home().shard().now())) {
        context_.log().info("not reported: too many", kv("reporter", account.jid()), kv("about", blocked));
        return;
    }
    context_.log().info("reported", kv("reporter", account.jid()), kv("about", blocked), kv("reason", report->reason));
    db::Reports::add(
        unit, std::move(*report), reports::named_in(*said, config_.messages), blocked.bare_text(),
        [blocked](const db::ArchivedMessage& message) { return reports::is_from(message.stanza, blocked); },
        {.per_account = config_.per_account,
         .total = config_.total,
         .messages = config_.messages,
         .bytes = config_.bytes});
}

Task<void> Reports::clean_up_bit_by_bit() {
    struct Done {
        bool& flag;
        ~Done() { flag = false; }
    } const done{cleaning_};
    constexpr std::size_t bit = 100;
    const Timestamp cutoff = context_.clock().now() - config_.keep_for;
    db::Database& database = context_.home().stores().database;
    for (bool more = true; more;) {
        auto job = [cutoff](db::Connection& connection) {
            return db::Reports::forget_before(connection, cutoff, bit) == bit;
        };
        more = co_await database.write(context_.home().way_back(), std::move(job));
    }
}

constexpr mod::Spec specs[] = {{"XEP-0377", "0.4.1"}};

}  // namespace

extern const mod::Info reports_info;
const mod::Info reports_info{.name = "reports",
                             .summary = "Keeps for the operators what users report when they block somebody.",
                             .implements = specs,
                             .config = &config::schema_of<ReportsConfig>,
                             .for_guests = false,
                             .make = mod::make<Reports>};

}  // namespace aldis::modules
