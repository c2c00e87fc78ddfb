// What users look for (XEP-0431), and the words of what they wrote.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "modules/search_rules.h"

namespace {

using namespace aldis;

void require(bool holds) {
    if (!holds) std::abort();
}

/// Outside of its quotation marks the index's language has only what is written here.
void check(const std::string& match) {
    bool quoted = false;
    std::string outside;
    for (const char c : match) {
        if (c == '"') quoted = !quoted;
        if (!quoted && c != '"') outside.push_back(c);
    }
    require(!quoted);
    for (const std::string_view part : {" AND ", " *"})
        for (std::size_t at = outside.find(part); at != std::string::npos; at = outside.find(part))
            outside.erase(at, part.size());
    require(outside.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (const Result<std::vector<db::SearchTerm>> terms = modules::search::terms_of(text)) {
        require(!terms->empty());
        std::size_t words = 0;
        for (const db::SearchTerm& term : *terms) words += term.words.size();
        require(words <= modules::search::most_query_words);
        check(db::search_terms::match_of(1, 2, *terms));
    }
    require(modules::search::words_of(text).size() <= modules::search::most_words);
    const std::string body = "<message><body>" + std::string{text} + "</body></message>";
    require(modules::search::words_of(body).size() <= modules::search::most_words);
    return 0;
}
