#include "cli/store_actions.h"

#include "jid/precis.h"
#include "sasl/credentials.h"

namespace aldis::cli {
namespace {

using Status = Outcome::Status;

constexpr std::size_t page_size = 1000;
constexpr std::size_t reports_in_page = 50;  // they fit into longest_reply, however long their texts are

Outcome no_such(const Jid& account) { return {Status::not_found, "there is no account " + account.text()}; }

Outcome no_such(std::int64_t report) { return {Status::not_found, "there is no report " + std::to_string(report)}; }

std::string listed(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
    return list;
}

}  // namespace

StoreActions::StoreActions(db::Stores& stores, const config::Config& config, const Clock& clock, Random& random)
    : stores_{stores}, iterations_{config.auth.scram_iterations}, clock_{clock}, random_{random} {
    for (const config::Domain& domain : config.domains) domains_.push_back(domain.name);
    std::ranges::sort(domains_);
}

std::optional<Outcome> StoreActions::not_ours(std::string_view domain) const {
    if (std::ranges::binary_search(domains_, domain)) return std::nullopt;
    return Outcome{Status::refused,
                   std::string{domain} + " is not a domain of this server; there are: " + listed(domains_)};
}

std::expected<std::string, Outcome> StoreActions::credentials_of(std::string_view password) {
    Result<std::string> prepared = prepare_password(password);
    if (!prepared)
        return std::unexpected{
            Outcome{Status::refused, "that is no password: it is empty, or has a control character"}};
    std::string keys = sasl::derive(*prepared, sasl::all_hashes, iterations_, random_).serialise();
    sasl::wipe(*prepared);
    return keys;
}

Outcome StoreActions::add_user(const Jid& account, std::string_view password) {
    if (std::optional<Outcome> refused = not_ours(account.domain())) return *refused;
    const std::expected<std::string, Outcome> keys = credentials_of(password);
    if (!keys) return keys.error();
    const bool added = stores_.database.write_now([&](db::Connection& connection) {
        return stores_.add_account(connection, account.text(), *keys, clock_.now());
    });
    if (!added) return {Status::exists, "there is an account " + account.text() + " already"};
    return {Status::done, "made " + account.text()};
}

Outcome StoreActions::set_password(const Jid& account, std::string_view password) {
    const std::expected<std::string, Outcome> keys = credentials_of(password);
    if (!keys) return keys.error();
    const bool found = stores_.database.write_now(
        [&](db::Connection& connection) { return db::Stores::set_password(connection, account.text(), *keys); });
    if (!found) return no_such(account);
    end_sessions(account);
    return {Status::done, account.text() + " has a new password"};
}

Outcome StoreActions::remove_user(const Jid& account) {
    const db::RemovedAccount removed = stores_.database.write_now(
        [&](db::Connection& connection) { return stores_.remove_account(connection, account.text()); });
    if (!removed.existed) return no_such(account);
    end_sessions(account);
    return {Status::done, "deleted " + account.text()};
}

Outcome StoreActions::set_disabled(const Jid& account, bool disabled) {
    const bool found = stores_.database.write_now(
        [&](db::Connection& connection) { return db::Users::set_disabled(connection, account.text(), disabled); });
    if (!found) return no_such(account);
    if (disabled) end_sessions(account);
    return {Status::done, account.text() + (disabled ? " is disabled" : " is enabled")};
}

std::expected<AccountPage, Outcome> StoreActions::list_users(std::string_view domain, std::string_view after) {
    if (!domain.empty())
        if (std::optional<Outcome> refused = not_ours(domain)) return std::unexpected{*refused};
    AccountPage page;
    const std::string_view reached = domain.empty() ? after.substr(after.find('@') + 1) : domain;
    for (const std::string& name : domains_) {
        if (!domain.empty() ? name != domain : (!after.empty() && name < reached)) continue;
        const std::string_view start = name == reached ? after : std::string_view{};
        const std::size_t room = page_size - page.accounts.size();
        if (room == 0) break;
        const std::vector<db::User> users = stores_.database.read_now(
            [&](db::Connection& connection) { return db::Users::list(connection, name, start, room); });
        for (const db::User& user : users) page.accounts.push_back({user.jid, user.disabled, user.created_at});
    }
    page.complete = page.accounts.size() < page_size;
    return page;
}

bool StoreActions::exists(const Jid& account) const {
    return stores_.database.read_now(
        [&](db::Connection& connection) { return db::Users::find(connection, account.bare_text()).has_value(); });
}

/// Where no server runs, nobody is logged in.
std::expected<std::vector<SessionInfo>, Outcome> StoreActions::sessions(const Jid& account) {
    if (!exists(account)) return std::unexpected{no_such(account)};
    return std::vector<SessionInfo>{};
}

Outcome StoreActions::kick(const Jid& whom) {
    if (!exists(whom)) return no_such(whom.bare());
    return {Status::not_found, "no server is running, so nobody is logged in"};
}

std::expected<ReportPage, Outcome> StoreActions::list_reports(bool resolved_too, std::int64_t before) {
    ReportPage page;
    page.reports = stores_.database.read_now([&](db::Connection& connection) {
        return db::Reports::list(connection, resolved_too, before, reports_in_page);
    });
    page.complete = page.reports.size() < reports_in_page;
    return page;
}

std::expected<db::Report, Outcome> StoreActions::report(std::int64_t number) {
    std::optional<db::Report> found =
        stores_.database.read_now([&](db::Connection& connection) { return db::Reports::find(connection, number); });
    if (!found) return std::unexpected{no_such(number)};
    return *std::move(found);
}

Outcome StoreActions::resolve_report(std::int64_t number) {
    const bool found = stores_.database.write_now(
        [&](db::Connection& connection) { return db::Reports::resolve(connection, number, clock_.now()); });
    if (!found) return no_such(number);
    return {Status::done, "report " + std::to_string(number) + " is resolved"};
}

}  // namespace aldis::cli
