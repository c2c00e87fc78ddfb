#include "scanner.h"

namespace load {

Scanner::Piece Scanner::next(std::string_view text) {
    for (;;) {
        if (!in_tag_ && !find_tag(text)) return {};
        if (!find_end_of_tag(text)) return {};
        const Kind kind = close_tag(text);
        if (kind == Kind::none) continue;
        const Piece piece{.kind = kind, .begin = kind == Kind::element ? piece_ : tag_, .end = position_};
        position_ = 0;
        return piece;
    }
}

bool Scanner::find_tag(std::string_view text) {
    const std::size_t found = text.find('<', position_);
    position_ = found == text.npos ? text.size() : found + 1;
    if (found == text.npos) return false;
    tag_ = found;
    if (depth_ == 1) piece_ = found;
    in_tag_ = true;
    return true;
}

/// A '>' inside of a quoted value is text (XML 1.0 section 2.4), so values are skipped as a whole.
bool Scanner::find_end_of_tag(std::string_view text) {
    while (position_ < text.size()) {
        if (quote_ != 0) {
            const std::size_t closing = text.find(quote_, position_);
            position_ = closing == text.npos ? text.size() : closing + 1;
            if (closing != text.npos) quote_ = 0;
            continue;
        }
        const char c = text[position_++];
        if (c == '>') return true;
        if (c == '"' || c == '\'') quote_ = c;
    }
    return false;
}

Scanner::Kind Scanner::close_tag(std::string_view text) {
    in_tag_ = false;
    const char first = text[tag_ + 1];
    if (first == '?') return Kind::none;  // <?xml version='1.0'?>
    if (first == '/') {
        if (depth_ > 0) --depth_;
        if (depth_ == 0) return Kind::stream_end;
        return depth_ == 1 ? Kind::element : Kind::none;
    }
    if (text[position_ - 2] == '/') return depth_ == 1 ? Kind::element : Kind::none;
    return ++depth_ == 1 ? Kind::stream_start : Kind::none;
}

std::string_view attribute(std::string_view element, std::string_view name) {
    std::size_t at = element.find_first_of(" />\t\n", 1);
    while (at < element.size()) {
        at = element.find_first_not_of(" \t\n\r", at);
        if (at == element.npos || element[at] == '>' || element[at] == '/') return {};
        const std::size_t equals = element.find('=', at);
        if (equals == element.npos) return {};
        const std::size_t open = element.find_first_of("'\"", equals);
        if (open == element.npos) return {};
        const std::size_t close = element.find(element[open], open + 1);
        if (close == element.npos) return {};
        if (element.substr(at, equals - at) == name) return element.substr(open + 1, close - open - 1);
        at = close + 1;
    }
    return {};
}

std::string_view text_of(std::string_view xml, std::string_view name) {
    for (std::size_t at = xml.find(name); at != xml.npos; at = xml.find(name, at + 1)) {
        const std::size_t open = at + name.size();
        if (at == 0 || xml[at - 1] != '<' || open >= xml.size() || xml[open] != '>') continue;
        const std::size_t close = xml.find('<', open);
        return close == xml.npos ? std::string_view{} : xml.substr(open + 1, close - open - 1);
    }
    return {};
}

bool is_named(std::string_view element, std::string_view name) {
    static constexpr std::string_view behind_a_name = " />\t\r\n";
    return element.starts_with('<') && element.substr(1).starts_with(name) && element.size() > name.size() + 1 &&
           behind_a_name.contains(element[name.size() + 1]);
}

std::string_view tag_of(std::string_view xml, std::string_view name) {
    for (std::size_t at = xml.find('<'); at != xml.npos; at = xml.find('<', at + 1)) {
        if (!is_named(xml.substr(at), name)) continue;
        const std::size_t end = xml.find('>', at);  // servers under test escape it in values of attributes
        return end == xml.npos ? std::string_view{} : xml.substr(at, end + 1 - at);
    }
    return {};
}

std::string_view content_of(std::string_view element) {
    const std::size_t open = element.find('>');
    const std::size_t close = element.rfind('<');
    if (open == element.npos || close == element.npos || close < open) return {};
    return element.substr(open + 1, close - open - 1);
}

}  // namespace load
