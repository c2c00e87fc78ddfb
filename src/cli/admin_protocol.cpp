#include "cli/admin_protocol.h"

#include <boost/json.hpp>

namespace aldis::cli {
namespace {

namespace json = boost::json;
using Status = Outcome::Status;

constexpr std::array<std::string_view, 5> status_names = {"done", "exists", "not-found", "refused", "failed"};

std::string_view name_of(Status status) { return status_names[static_cast<std::size_t>(status)]; }

/// Unknown names come from another release: whatever it means, it is not done.
Status status_named(std::string_view name) {
    const auto found = std::ranges::find(status_names, name);
    return found == status_names.end() ? Status::failed : static_cast<Status>(found - status_names.begin());
}

std::string_view text_at(const json::object& object, std::string_view key) {
    const json::value* const value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string_view{value->get_string()} : std::string_view{};
}

bool flag_at(const json::object& object, std::string_view key) {
    const json::value* const value = object.if_contains(key);
    return value != nullptr && value->is_bool() && value->get_bool();
}

json::object to_json(const Outcome& outcome) { return {{"status", name_of(outcome.status)}, {"text", outcome.text}}; }

Outcome outcome_of(const json::object& reply) {
    return {status_named(text_at(reply, "status")), std::string{text_at(reply, "text")}};
}

json::object to_json(const AccountPage& page) {
    json::array users;
    for (const Account& account : page.accounts)
        users.push_back(json::object{{"jid", account.jid},
                                     {"disabled", account.disabled},
                                     {"created_at", account.created_at.time_since_epoch().count()}});
    return {{"status", name_of(Status::done)}, {"users", std::move(users)}, {"complete", page.complete}};
}

AccountPage page_of(const json::object& reply) {
    AccountPage page;
    page.complete = flag_at(reply, "complete");
    for (const json::value& user : reply.at("users").as_array()) {
        const json::object& account = user.as_object();
        const std::chrono::microseconds created{account.at("created_at").to_number<std::int64_t>()};
        page.accounts.push_back(
            {std::string{text_at(account, "jid")}, flag_at(account, "disabled"), Timestamp{created}});
    }
    return page;
}

json::object to_json(const std::vector<SessionInfo>& sessions) {
    json::array all;
    for (const SessionInfo& session : sessions)
        all.push_back(json::object{{"resource", session.resource},
                                   {"connected", session.connected},
                                   {"available", session.available},
                                   {"priority", session.priority},
                                   {"address", session.address},
                                   {"tls", session.tls},
                                   {"mechanism", session.mechanism},
                                   {"client", session.client},
                                   {"idle", session.idle.count()}});
    return {{"status", name_of(Status::done)}, {"sessions", std::move(all)}};
}

std::vector<SessionInfo> sessions_of(const json::object& reply) {
    std::vector<SessionInfo> sessions;
    for (const json::value& entry : reply.at("sessions").as_array()) {
        const json::object& session = entry.as_object();
        sessions.push_back({.resource = std::string{text_at(session, "resource")},
                            .connected = flag_at(session, "connected"),
                            .available = flag_at(session, "available"),
                            .priority = session.at("priority").to_number<std::int64_t>(),
                            .address = std::string{text_at(session, "address")},
                            .tls = std::string{text_at(session, "tls")},
                            .mechanism = std::string{text_at(session, "mechanism")},
                            .client = std::string{text_at(session, "client")},
                            .idle = std::chrono::seconds{session.at("idle").to_number<std::int64_t>()}});
    }
    return sessions;
}

std::int64_t number_at(const json::object& object, std::string_view key) {
    const json::value* const value = object.if_contains(key);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

Timestamp time_at(const json::object& object, std::string_view key) {
    return Timestamp{std::chrono::microseconds{number_at(object, key)}};
}

json::object to_json(const db::Report& report) {
    json::array texts;
    for (const std::string& text : report.texts) texts.emplace_back(text);
    json::array evidence;
    for (const db::Evidence& message : report.evidence)
        evidence.push_back(json::object{
            {"at", message.at.time_since_epoch().count()}, {"named", message.named}, {"stanza", message.stanza}});
    json::object object{{"number", report.id},
                        {"reporter", report.reporter},
                        {"about", report.about},
                        {"reason", report.reason},
                        {"texts", std::move(texts)},
                        {"report_origin", report.report_origin},
                        {"third_party", report.third_party},
                        {"at", report.at.time_since_epoch().count()},
                        {"messages", report.messages},
                        {"evidence", std::move(evidence)}};
    if (report.resolved) object["resolved"] = report.resolved->time_since_epoch().count();
    return object;
}

db::Report report_of(const json::object& object) {
    db::Report report{.id = number_at(object, "number"),
                      .reporter = std::string{text_at(object, "reporter")},
                      .about = std::string{text_at(object, "about")},
                      .reason = std::string{text_at(object, "reason")},
                      .report_origin = flag_at(object, "report_origin"),
                      .third_party = flag_at(object, "third_party"),
                      .at = time_at(object, "at"),
                      .messages = static_cast<std::uint64_t>(number_at(object, "messages"))};
    if (object.contains("resolved")) report.resolved = time_at(object, "resolved");
    for (const json::value& text : object.at("texts").as_array()) report.texts.emplace_back(text.as_string());
    for (const json::value& entry : object.at("evidence").as_array()) {
        const json::object& message = entry.as_object();
        report.evidence.push_back({.at = time_at(message, "at"),
                                   .named = flag_at(message, "named"),
                                   .stanza = std::string{text_at(message, "stanza")}});
    }
    return report;
}

json::object to_json(const ReportPage& page) {
    json::array reports;
    for (const db::Report& report : page.reports) reports.push_back(to_json(report));
    return {{"status", name_of(Status::done)}, {"reports", std::move(reports)}, {"complete", page.complete}};
}

json::object act_on_reports(std::string_view verb, const json::object& request, AdminActions& actions) {
    if (verb == "report.list") {
        const auto page = actions.list_reports(flag_at(request, "all"), number_at(request, "before"));
        return page ? to_json(*page) : to_json(page.error());
    }
    const std::int64_t number = number_at(request, "number");
    if (verb == "report.resolve") return to_json(actions.resolve_report(number));
    if (verb != "report.show")
        return to_json(Outcome{Status::refused, "unknown request \"" + std::string{verb} + "\""});
    const auto report = actions.report(number);
    if (!report) return to_json(report.error());
    return {{"status", name_of(Status::done)}, {"report", to_json(*report)}};
}

json::object list_sessions(const Jid& account, AdminActions& actions) {
    const auto sessions = actions.sessions(account);
    return sessions ? to_json(*sessions) : to_json(sessions.error());
}

json::object list(const json::object& request, AdminActions& actions) {
    const auto page = actions.list_users(text_at(request, "domain"), text_at(request, "after"));
    return page ? to_json(*page) : to_json(page.error());
}

Outcome act(std::string_view verb, const Jid& account, std::string_view password, AdminActions& actions) {
    if (verb == "user.add") return actions.add_user(account, password);
    if (verb == "user.passwd") return actions.set_password(account, password);
    if (verb == "user.delete") return actions.remove_user(account);
    if (verb == "user.disable") return actions.set_disabled(account, true);
    if (verb == "user.enable") return actions.set_disabled(account, false);
    if (verb == "user.kick") return actions.kick(account);
    return {Status::refused, "unknown request \"" + std::string{verb} + "\""};
}

json::object carry_out(const json::object& request, AdminActions& actions) {
    const std::string_view verb = text_at(request, "do");
    if (verb == "user.list") return list(request, actions);
    if (verb.starts_with("report.")) return act_on_reports(verb, request, actions);
    const Result<Jid> account = Jid::parse(text_at(request, "jid"));
    if (!account || !account->has_local() || (!account->is_bare() && verb != "user.kick"))
        return to_json(Outcome{Status::refused, "\"jid\" must be an address such as romeo@example.org"});
    if (verb == "user.sessions") return list_sessions(*account, actions);
    return to_json(act(verb, *account, text_at(request, "password"), actions));
}

json::object reply_to(std::string_view line, AdminActions& actions) {
    boost::system::error_code wrong;
    const json::value request = json::parse(line, wrong);
    if (wrong || !request.is_object())
        return to_json(Outcome{Status::refused, "a request is one JSON object on a line"});
    return carry_out(request.get_object(), actions);
}

std::string request(std::string_view verb, const Jid& account, std::string_view password = {}) {
    json::object object{{"do", verb}, {"jid", account.text()}};
    if (!password.empty()) object["password"] = password;
    return json::serialize(object);
}

/// @throws std::runtime_error  that is no reply
json::object parse_reply(const std::string& line) {
    boost::system::error_code wrong;
    json::value reply = json::parse(line, wrong);
    if (wrong || !reply.is_object()) throw std::runtime_error{"the server gave no proper answer"};
    return std::move(reply.get_object());
}

}  // namespace

std::string answer(std::string_view line, AdminActions& actions) noexcept {
    try {
        return json::serialize(reply_to(line, actions));
    } catch (const std::exception& error) {
        return json::serialize(to_json(Outcome{Status::failed, error.what()}));
    }
}

Outcome RemoteActions::add_user(const Jid& account, std::string_view password) {
    return outcome_of(parse_reply(exchange(request("user.add", account, password))));
}

Outcome RemoteActions::set_password(const Jid& account, std::string_view password) {
    return outcome_of(parse_reply(exchange(request("user.passwd", account, password))));
}

Outcome RemoteActions::remove_user(const Jid& account) {
    return outcome_of(parse_reply(exchange(request("user.delete", account))));
}

Outcome RemoteActions::set_disabled(const Jid& account, bool disabled) {
    return outcome_of(parse_reply(exchange(request(disabled ? "user.disable" : "user.enable", account))));
}

std::expected<AccountPage, Outcome> RemoteActions::list_users(std::string_view domain, std::string_view after) {
    const json::object asked{{"do", "user.list"}, {"domain", domain}, {"after", after}};
    const json::object reply = parse_reply(exchange(json::serialize(asked)));
    if (const Outcome outcome = outcome_of(reply); !outcome.good()) return std::unexpected{outcome};
    return page_of(reply);
}

std::expected<std::vector<SessionInfo>, Outcome> RemoteActions::sessions(const Jid& account) {
    const json::object reply = parse_reply(exchange(request("user.sessions", account)));
    if (const Outcome outcome = outcome_of(reply); !outcome.good()) return std::unexpected{outcome};
    return sessions_of(reply);
}

Outcome RemoteActions::kick(const Jid& whom) { return outcome_of(parse_reply(exchange(request("user.kick", whom)))); }

std::expected<ReportPage, Outcome> RemoteActions::list_reports(bool resolved_too, std::int64_t before) {
    const json::object asked{{"do", "report.list"}, {"all", resolved_too}, {"before", before}};
    const json::object reply = parse_reply(exchange(json::serialize(asked)));
    if (const Outcome outcome = outcome_of(reply); !outcome.good()) return std::unexpected{outcome};
    ReportPage page;
    page.complete = flag_at(reply, "complete");
    for (const json::value& report : reply.at("reports").as_array())
        page.reports.push_back(report_of(report.as_object()));
    return page;
}

std::expected<db::Report, Outcome> RemoteActions::report(std::int64_t number) {
    const json::object asked{{"do", "report.show"}, {"number", number}};
    const json::object reply = parse_reply(exchange(json::serialize(asked)));
    if (const Outcome outcome = outcome_of(reply); !outcome.good()) return std::unexpected{outcome};
    return report_of(reply.at("report").as_object());
}

Outcome RemoteActions::resolve_report(std::int64_t number) {
    const json::object asked{{"do", "report.resolve"}, {"number", number}};
    return outcome_of(parse_reply(exchange(json::serialize(asked))));
}

}  // namespace aldis::cli
