#include "db/reports.h"

#include <algorithm>

#include "db/column.h"
#include "db/text_list.h"

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     // Numbers are not used again: operators speak of them.
     "CREATE TABLE reports ("
     " id INTEGER PRIMARY KEY AUTOINCREMENT,"
     " reporter TEXT NOT NULL,"
     " about TEXT NOT NULL,"
     " reason TEXT NOT NULL,"
     " texts TEXT NOT NULL,"
     " report_origin INTEGER NOT NULL,"
     " third_party INTEGER NOT NULL,"
     " at BIGINT NOT NULL,"
     " resolved BIGINT);"
     "CREATE INDEX reports_by_reporter ON reports (reporter);"
     "CREATE TABLE report_evidence ("
     " report INTEGER NOT NULL,"
     " number INTEGER NOT NULL,"
     " at BIGINT NOT NULL,"
     " named INTEGER NOT NULL,"
     " stanza TEXT NOT NULL,"
     " PRIMARY KEY (report, number)) WITHOUT ROWID"},
};

/// How far back in a conversation the newest messages are looked for: there may be answers between them.
constexpr std::size_t looked_at = 100;
/// The same in bytes, and how many are read at once: each is parsed, while others wait for the writer.
constexpr std::size_t looked_at_bytes = 1 << 20;
constexpr std::size_t step = 10;

void add_if_fits(std::vector<Evidence>& evidence, std::size_t& room, ArchivedMessage message, bool named) {
    if (message.stanza.size() > room) return;
    room -= message.stanza.size();
    evidence.push_back({.at = message.id.time(), .named = named, .stanza = std::move(message.stanza)});
}

struct Question {
    std::string reporter;
    std::vector<ArchiveId> named;
    std::string from;
    Reports::IsOfReported is_of_reported;
    ReportRules rules;
};

/// From the newest message of the conversation back.
template <class Counts>
void add_newest(Connection& connection, const Question& question, Counts counts, std::size_t room,
                std::vector<Evidence>& evidence) {
    ArchiveRange range{.with = question.from, .last_page = true, .max = step};
    std::size_t bytes = 0;
    for (std::size_t looked = 0; looked < looked_at && bytes < looked_at_bytes; looked += step) {
        Result<ArchivePage> page = Archive::page(connection, question.reporter, range);
        if (!page || page->entries.empty()) return;
        range.before = page->entries.front().id;
        range.last_page = false;
        for (auto message = page->entries.rbegin(); message != page->entries.rend(); ++message) {
            if (evidence.size() >= question.rules.messages) return;
            bytes += message->stanza.size();
            if (counts(*message)) add_if_fits(evidence, room, std::move(*message), false);
        }
    }
}

std::vector<Evidence> evidence_for(Connection& connection, const Question& question) {
    std::vector<Evidence> evidence;
    std::size_t room = question.rules.bytes;
    const auto counts = [&](const ArchivedMessage& message) {
        return !message.outgoing && question.is_of_reported(message);
    };
    for (const ArchiveId id : question.named) {
        if (evidence.size() >= question.rules.messages) break;
        Result<ArchivePage> page = Archive::page(connection, question.reporter, {.ids = {id}, .max = 1});
        if (!page || page->entries.empty() || !counts(page->entries.front())) continue;
        add_if_fits(evidence, room, std::move(page->entries.front()), true);
    }
    if (evidence.empty()) add_newest(connection, question, counts, room, evidence);
    std::ranges::sort(evidence, {}, &Evidence::at);
    return evidence;
}

std::int64_t number_of(Rows rows) { return rows.next() ? rows.integer(0) : 0; }

void remove(Connection& connection, std::int64_t id) {
    connection.run("DELETE FROM report_evidence WHERE report = $1", id);
    connection.run("DELETE FROM reports WHERE id = $1", id);
}

void make_room(Connection& connection, const std::string& reporter, const ReportRules& rules) {
    while (std::cmp_greater_equal(
        number_of(connection.query("SELECT count(*) FROM reports WHERE reporter = $1", reporter)), rules.per_account))
        remove(connection, number_of(connection.query("SELECT min(id) FROM reports WHERE reporter = $1", reporter)));
    while (std::cmp_greater_equal(number_of(connection.query("SELECT count(*) FROM reports")), rules.total)) {
        std::int64_t oldest = number_of(connection.query("SELECT min(id) FROM reports WHERE resolved IS NOT NULL"));
        if (oldest == 0)
            oldest = number_of(connection.query(
                "SELECT min(id) FROM reports GROUP BY reporter ORDER BY count(*) DESC, min(id) LIMIT 1"));
        remove(connection, oldest);
    }
}

void write(Connection& connection, const Report& report, const Question& question) {
    make_room(connection, report.reporter, question.rules);
    connection.run(
        "INSERT INTO reports (reporter, about, reason, texts, report_origin, third_party, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        report.reporter, report.about, report.reason, join_texts(report.texts), report.report_origin,
        report.third_party, microseconds(report.at));
    const std::int64_t id = number_of(connection.query("SELECT max(id) FROM reports"));
    std::int64_t number = 0;
    for (const Evidence& message : evidence_for(connection, question))
        connection.run("INSERT INTO report_evidence (report, number, at, named, stanza) VALUES ($1, $2, $3, $4, $5)",
                       id, ++number, microseconds(message.at), message.named, message.stanza);
}

Report report_of(const Rows& rows) {
    return {.id = rows.integer(0),
            .reporter = std::string{rows.text(1)},
            .about = std::string{rows.text(2)},
            .reason = std::string{rows.text(3)},
            .texts = split_texts(rows.text(4)),
            .report_origin = rows.integer(5) != 0,
            .third_party = rows.integer(6) != 0,
            .at = time_of(rows, 7),
            .resolved = optional_time_of(rows, 8),
            .messages = static_cast<std::uint64_t>(rows.integer(9))};
}

}  // namespace

const std::span<const Migration> Reports::migrations{steps};

void Reports::add(Unit& unit, Report report, std::vector<ArchiveId> named, std::string_view from,
                  IsOfReported is_of_reported, const ReportRules& rules) {
    Question question{.reporter = report.reporter,
                      .named = std::move(named),
                      .from = std::string{from},
                      .is_of_reported = std::move(is_of_reported),
                      .rules = rules};
    std::size_t bytes = sizeof report + sizeof question;
    for (const std::string& text : report.texts) bytes += text.size();
    unit.add([report = std::move(report),
              question = std::move(question)](Connection& connection) { write(connection, report, question); },
             bytes);
}

std::vector<Report> Reports::list(Connection& connection, bool resolved_too, std::int64_t before, std::size_t limit) {
    Rows rows = connection.query(
        "SELECT id, reporter, about, reason, texts, report_origin, third_party, at, resolved,"
        " (SELECT count(*) FROM report_evidence WHERE report = reports.id) FROM reports"
        " WHERE (resolved IS NULL OR $1) AND (id < $2 OR $2 = 0) ORDER BY id DESC LIMIT $3",
        resolved_too, before, limit);
    std::vector<Report> reports;
    while (rows.next()) reports.push_back(report_of(rows));
    return reports;
}

std::optional<Report> Reports::find(Connection& connection, std::int64_t id) {
    Rows rows = connection.query(
        "SELECT id, reporter, about, reason, texts, report_origin, third_party, at, resolved,"
        " (SELECT count(*) FROM report_evidence WHERE report = reports.id) FROM reports WHERE id = $1",
        id);
    if (!rows.next()) return std::nullopt;
    Report report = report_of(rows);
    Rows messages =
        connection.query("SELECT at, named, stanza FROM report_evidence WHERE report = $1 ORDER BY number", id);
    while (messages.next())
        report.evidence.push_back(
            {.at = time_of(messages, 0), .named = messages.integer(1) != 0, .stanza = std::string{messages.text(2)}});
    return report;
}

bool Reports::resolve(Connection& connection, std::int64_t id, Timestamp now) {
    const std::int64_t changed =
        connection.run("UPDATE reports SET resolved = coalesce(resolved, $1) WHERE id = $2", microseconds(now), id);
    return changed > 0;
}

std::size_t Reports::forget_before(Connection& connection, Timestamp cutoff, std::size_t limit) {
    std::vector<std::int64_t> old;
    {
        Rows rows =
            connection.query("SELECT id FROM reports WHERE at < $1 ORDER BY id LIMIT $2", microseconds(cutoff), limit);
        while (rows.next()) old.push_back(rows.integer(0));
    }
    for (const std::int64_t id : old) remove(connection, id);
    return old.size();
}

void Reports::remove_owner(Connection& connection, std::string_view owner) {
    connection.run("DELETE FROM report_evidence WHERE report IN (SELECT id FROM reports WHERE reporter = $1)", owner);
    connection.run("DELETE FROM reports WHERE reporter = $1", owner);
}

}  // namespace aldis::db
