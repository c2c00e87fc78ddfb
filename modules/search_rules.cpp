#include "modules/search_rules.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "modules/message_content.h"
#include "text/words.h"
#include "xep/xep0380_encryption.h"
#include "xep/xep0428_fallback.h"
#include "xml/parser.h"

namespace aldis::modules::search {
namespace {

/// To be counted up with any change of what words_of() returns.
constexpr const char* code_version = "1";

constexpr std::array encrypted{
    xml::Name{"eu.siacs.conversations.axolotl", "encrypted"},  // OMEMO as most clients speak it
    xml::Name{"urn:xmpp:omemo:1", "encrypted"},                // XEP-0384
    xml::Name{"urn:xmpp:omemo:2", "encrypted"},                //
    xml::Name{"urn:xmpp:openpgp:0", "openpgp"},                // XEP-0373
    xml::Name{"jabber:x:encrypted", "x"},                      // XEP-0027
    xml::Name{xep::Encryption::schema.name},                   // XEP-0380: whatever else there is
};

bool is_encrypted(const Message& message) {
    return std::ranges::any_of(message.element().children(), [](const xml::Element& child) {
        return std::ranges::any_of(encrypted, [&](const xml::Name& name) { return child.is(name); });
    });
}

/// A part of a text, in code points.
struct Part {
    std::size_t from = 0;
    std::size_t to = std::string_view::npos;
};

/// Nobody needs more, and each is compared with each character.
constexpr std::size_t most_parts = 16;

/// What of the bodies and subjects stands for something else: XEP-0428.
struct Replaced {
    std::vector<Part> body;
    std::vector<Part> subject;
};

template <class InText>
Part part_of(const InText& in) {
    return {.from = in.start.value_or(0), .to = in.end ? std::size_t{*in.end} : std::string_view::npos};
}

Replaced replaced_in(const Message& message) {
    Replaced replaced;
    for (const xml::Element& child : message.element().children()) {
        if (!child.is(xep::fallback::Fallback::schema.name)) continue;
        const Result<xep::fallback::Fallback> fallback = xml::parse<xep::fallback::Fallback>(child);
        if (!fallback) continue;
        const bool all = fallback->bodies.empty() && fallback->subjects.empty();
        if (all) replaced.body.emplace_back();
        if (all) replaced.subject.emplace_back();
        for (const auto& in : fallback->bodies) replaced.body.push_back(part_of(in));
        for (const auto& in : fallback->subjects) replaced.subject.push_back(part_of(in));
    }
    for (std::vector<Part>* const parts : {&replaced.body, &replaced.subject})
        if (parts->size() > most_parts) parts->resize(most_parts);
    return replaced;
}

bool begins_code_point(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

/// A space is left where something was.
std::string without(std::string_view text, const std::vector<Part>& parts) {
    if (parts.empty()) return std::string{text};
    std::string rest;
    std::size_t next = 0;  // code point
    bool left_out = false;
    for (const char c : text) {
        if (begins_code_point(c)) {
            left_out = std::ranges::any_of(parts, [&](const Part& p) { return next >= p.from && next < p.to; });
            ++next;
            if (left_out) rest.push_back(' ');
        }
        if (!left_out) rest.push_back(c);
    }
    return rest;
}

void append(std::vector<std::string>& words, std::string_view text, const std::vector<Part>& replaced) {
    if (words.size() >= most_words) return;
    // Cut before a character, not within.
    std::size_t size = std::min(text.size(), most_text);
    while (size < text.size() && size > 0 && !begins_code_point(text[size])) --size;
    std::vector<std::string> more = text::words_of(without(text.substr(0, size), replaced), most_words - words.size());
    words.insert(words.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::vector<std::string> words_of(const Message& message) {
    std::vector<std::string> words;
    if (message.is_error() || is_retraction(message) || is_encrypted(message)) return words;
    const Replaced replaced = replaced_in(message);
    for (const xml::Element& child : message.element().children()) {
        if (child.is({xml::client_ns, "body"})) append(words, child.text(), replaced.body);
        if (child.is({xml::client_ns, "subject"})) append(words, child.text(), replaced.subject);
    }
    return words;
}

constexpr stanza::Error too_long{Condition::not_acceptable, ErrorType::modify, "Too much is looked for at once."};
constexpr stanza::Error no_words{Condition::not_acceptable, ErrorType::modify, "There is no word to look for."};
constexpr stanza::Error open_quotation{Condition::not_acceptable, ErrorType::modify, "A quotation mark is missing."};
constexpr stanza::Error short_beginning{Condition::not_acceptable, ErrorType::modify,
                                        "Before a star there must be three letters at least."};

/// What keyboards make of spaces and quotation marks.
constexpr std::array<std::pair<std::string_view, char>, 5> typed{
    {{"\u201c", '"'}, {"\u201d", '"'}, {"\u201e", '"'}, {"\u00a0", ' '}, {"\u3000", ' '}}};

std::string plain(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        const auto found =
            std::ranges::find_if(typed, [text](const auto& pair) { return text.starts_with(pair.first); });
        const bool special = found != typed.end();
        plain.push_back(special ? found->second : text.front());
        text.remove_prefix(special ? found->first.size() : 1);
    }
    return plain;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Words that belong together, as they were typed.
struct Piece {
    std::string_view text;
    bool star = false;
};

/// Takes the next piece from the front.
Result<Piece> take_piece(std::string_view& text) {
    Piece piece;
    if (text.front() == '"') {
        const std::size_t end = text.find('"', 1);
        if (end == std::string_view::npos) return std::unexpected{open_quotation};
        piece.text = text.substr(1, end - 1);
        text.remove_prefix(end + 1);
        if (text.starts_with('*')) {
            piece.star = true;
            text.remove_prefix(1);
        }
        return piece;
    }
    const auto end = std::ranges::find_if(text, [](char c) { return c == '"' || is_space(c); });
    piece.text = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(piece.text.size());
    piece.star = piece.text.ends_with('*');
    return piece;
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, begins_code_point));
}

/// @return  nothing: there is no word in it
Result<std::optional<db::SearchTerm>> term_of(const Piece& piece) {
    db::SearchTerm term{.words = text::words_of(piece.text, most_query_words + 1)};
    if (term.words.empty()) return std::nullopt;
    // A character that stands alone is all of its word.
    term.prefix = piece.star && !text::is_character(term.words.back());
    if (term.prefix && characters(term.words.back()) < shortest_beginning) return std::unexpected{short_beginning};
    return term;
}

}  // namespace

std::vector<std::string> words_of(std::string_view stanza) {
    try {
        xml::Document document = xml::parse_document(stanza, xml::client_ns, {.stanza_bytes = stanza.size()});
        const auto read = stanza::read(document);
        const auto* const message = read ? std::get_if<Message>(&*read) : nullptr;
        return message == nullptr ? std::vector<std::string>{} : words_of(*message);
    } catch (const xml::ParseError&) {
        return {};  // it was taken under larger limits
    }
}

std::string rules_version() { return std::string{code_version} + " " + text::words_version(); }

Result<std::vector<db::SearchTerm>> terms_of(std::string_view text) {
    if (text.size() > longest_query) return std::unexpected{too_long};
    const std::string typed_text = plain(text);
    std::vector<db::SearchTerm> terms;
    std::size_t words = 0;
    for (std::string_view rest{typed_text}; !rest.empty();) {
        if (is_space(rest.front())) {
            rest.remove_prefix(1);
            continue;
        }
        const Result<Piece> piece = take_piece(rest);
        if (!piece) return std::unexpected{piece.error()};
        Result<std::optional<db::SearchTerm>> term = term_of(*piece);
        if (!term) return std::unexpected{term.error()};
        if (!*term) continue;
        words += (*term)->words.size();
        if (words > most_query_words) return std::unexpected{too_long};
        terms.push_back(std::move(**term));
    }
    if (terms.empty()) return std::unexpected{no_words};
    return terms;
}

}  // namespace aldis::modules::search
