#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aldis::db {

/// Words that stand one behind the other in a message; often only one. They are as Search::Words returns them.
struct SearchTerm {
    std::vector<std::string> words = {};
    bool prefix = false;  ///< of the last word this is only the beginning

    friend bool operator==(const SearchTerm&, const SearchTerm&) = default;
};

/// How db::Search keeps words: each with the number of its owner, so that what one owner looks for is found among his
/// words alone, however many others have the same; and one more for the peer, so that he is found like a word.
namespace search_terms {

/// What the index is asked for: messages of `owner`, of the conversation with `peer`, that have all terms. Everything
/// is in quotation marks: whatever the words are, none is an operator.
[[nodiscard]] std::string match_of(std::int64_t owner, std::optional<std::int64_t> peer,
                                   std::span<const SearchTerm> terms);
/// What is put into the index.
[[nodiscard]] std::string entry_of(std::int64_t owner, std::int64_t peer, std::span<const std::string> words);

}  // namespace search_terms

}  // namespace aldis::db
