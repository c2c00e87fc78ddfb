#include "cli/report_text.h"

#include "cli/actions.h"
#include "config/text.h"
#include "stanza/stanza.h"
#include "xml/parser.h"

namespace aldis::cli {
namespace {

using config::Value;

/// On one line, and without control characters: those of C1 are two bytes in UTF-8, 0xC2 and the character.
std::string harmless(std::string_view text) {
    std::string clean;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte == '\n' || byte == '\r' || byte == '\t') {
            clean += ' ';
        } else if (byte < 0x20 || byte == 0x7F) {
            clean += '?';
        } else if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
            clean += '?';
            ++i;
        } else {
            clean += text[i];
        }
    }
    return clean;
}

std::string short_reason(const db::Report& report) {
    constexpr std::string_view usual = "urn:xmpp:reporting:";
    const std::string_view reason = report.reason;
    return harmless(reason.starts_with(usual) ? reason.substr(usual.size()) : reason);
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : " / ") + harmless(text);
    return all;
}

std::string count_of(const db::Report& report) {
    if (report.messages == 0) return "no messages";
    return report.messages == 1 ? "1 message" : std::to_string(report.messages) + " messages";
}

std::string processing_of(const db::Report& report) {
    std::string may;
    if (report.report_origin) may = "the server that it comes from";
    if (report.third_party) may += may.empty() ? "third parties" : ", third parties";
    return may.empty() ? "nobody" : may;
}

/// "tybalt@localhost/street: Turn thee"
std::string said_in(const std::string& stanza) {
    try {
        xml::Document document = xml::parse_document(stanza, xml::client_ns, {.stanza_bytes = stanza.size()});
        const auto read = stanza::read(document);
        if (!read || !std::holds_alternative<Message>(*read)) return harmless(stanza);
        const auto& message = std::get<Message>(*read);
        const std::optional<std::string_view> body = message.body();
        return message.from().text() + ": " + harmless(body ? *body : std::string_view{stanza});
    } catch (const std::exception&) {
        return harmless(stanza);
    }
}

std::string evidence_of(const db::Report& report) {
    if (report.evidence.empty()) return "No messages are kept with it.\n";
    std::string text = report.evidence.front().named ? "Messages that it names:\n" : "The last messages before it:\n";
    for (const db::Evidence& message : report.evidence)
        text += "  " + time_text(message.at) + " " + said_in(message.stanza) + "\n";
    return text;
}

Value json_evidence(const db::Report& report) {
    Value::List messages;
    for (const db::Evidence& message : report.evidence)
        messages.push_back(
            {Value::Table{{"at", {time_text(message.at)}}, {"named", {message.named}}, {"stanza", {message.stanza}}}});
    return {std::move(messages)};
}

}  // namespace

std::string line_of(const db::Report& report) {
    std::string line = std::to_string(report.id) + ": " + time_text(report.at) + " " + report.reporter + " reports " +
                       report.about + " for " + short_reason(report) + ", " + count_of(report);
    if (report.resolved) line += ", resolved";
    if (!report.texts.empty()) line += ": " + joined(report.texts);
    return line;
}

std::string text_of(const db::Report& report) {
    std::string text = "Report " + std::to_string(report.id) + "\n";
    const auto add = [&](std::string name, const std::string& value) {
        name.resize(12, ' ');
        text += "  " + name + value + "\n";
    };
    add("about", report.about);
    add("by", report.reporter);
    add("at", time_text(report.at));
    add("reason", short_reason(report));
    if (!report.texts.empty()) add("says", joined(report.texts));
    add("may go to", processing_of(report));
    add("state", report.resolved ? "resolved at " + time_text(*report.resolved) : "open");
    return text + evidence_of(report);
}

std::string json_of(const db::Report& report) {
    Value::List texts;
    for (const std::string& each : report.texts) texts.push_back({each});
    Value::Table table{{"number", {report.id}},
                       {"about", {report.about}},
                       {"reporter", {report.reporter}},
                       {"at", {time_text(report.at)}},
                       {"reason", {report.reason}},
                       {"texts", {std::move(texts)}},
                       {"report_origin", {report.report_origin}},
                       {"third_party", {report.third_party}},
                       {"messages", {static_cast<std::int64_t>(report.messages)}},
                       {"resolved", {report.resolved ? time_text(*report.resolved) : ""}}};
    if (!report.evidence.empty()) table["evidence"] = json_evidence(report);
    return config::json_text({std::move(table)});
}

}  // namespace aldis::cli
