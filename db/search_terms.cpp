#include "db/search_terms.h"

#include <algorithm>
#include <string_view>

namespace aldis::db::search_terms {
namespace {

/// Words have letters and digits only. What was something else would end the quotation, or be two tokens.
bool is_token(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

void append_word(std::string& to, const std::string& owner, std::string_view word) {
    to.append(owner).push_back(':');
    std::ranges::copy_if(word, std::back_inserter(to), is_token);
}

void append_peer(std::string& to, const std::string& owner, std::int64_t peer) {
    to.append(owner).append("@").append(std::to_string(peer));
}

}  // namespace

std::string match_of(std::int64_t owner, std::optional<std::int64_t> peer, std::span<const SearchTerm> terms) {
    const std::string number = std::to_string(owner);
    std::string match;
    const auto begin = [&match] { match += match.empty() ? "\"" : " AND \""; };
    for (const SearchTerm& term : terms) {
        begin();
        for (const std::string& word : term.words) {
            if (&word != &term.words.front()) match.push_back(' ');
            append_word(match, number, word);
        }
        match += term.prefix ? "\" *" : "\"";
    }
    if (peer) {
        begin();
        append_peer(match, number, *peer);
        match.push_back('"');
    }
    return match;
}

std::string entry_of(std::int64_t owner, std::int64_t peer, std::span<const std::string> words) {
    const std::string number = std::to_string(owner);
    std::string entry;
    entry.reserve((words.size() + 1) * (number.size() + 8));
    append_peer(entry, number, peer);
    for (const std::string& word : words) {
        entry.push_back(' ');
        append_word(entry, number, word);
    }
    return entry;
}

}  // namespace aldis::db::search_terms
