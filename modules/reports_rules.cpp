#include "modules/reports_rules.h"

#include "session/blocklist.h"
#include "xml/parser.h"

namespace aldis::modules::reports {
namespace {

/// Cut between two characters.
std::string_view clipped(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
    return text.substr(0, most);
}

}  // namespace

std::optional<db::Report> kept(const xep::reporting::Report& report, const Jid& reporter, const Jid& about,
                               Timestamp at) {
    if (report.reason.empty() || report.reason.size() > longest_reason) return std::nullopt;
    db::Report made{.reporter = reporter.text(),
                    .about = about.text(),
                    .reason = report.reason,
                    .report_origin = report.report_origin,
                    .third_party = report.third_party,
                    .at = at};
    std::size_t room = longest_text;
    for (const std::string& text : report.texts) {
        const std::string_view part = clipped(xml::trim(text), room);
        if (part.empty()) continue;
        room -= part.size();
        made.texts.emplace_back(part);
    }
    return made;
}

std::vector<db::ArchiveId> named_in(const xep::reporting::Report& report, std::size_t most) {
    std::vector<db::ArchiveId> ids;
    for (const xep::StanzaId& message : report.messages) {
        if (ids.size() == most) break;
        // Whoever is said to have given the id: of this archive or it is not found.
        if (const std::optional<db::ArchiveId> id = db::ArchiveId::parse(message.id)) ids.push_back(*id);
    }
    return ids;
}

bool is_from(std::string_view stanza, const Jid& about) {
    try {
        const xml::Document document = xml::parse_document(stanza, xml::client_ns, {.stanza_bytes = stanza.size()});
        const Result<Jid> from = Jid::parse(document.root().attribute_or("from", ""));
        if (!from) return false;
        session::Blocklist only;
        only.add(about);
        return only.blocks(*from);
    } catch (const std::exception&) {
        return false;  // it was stored by a server that allowed more
    }
}

}  // namespace aldis::modules::reports
