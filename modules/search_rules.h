#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "db/search_terms.h"
#include "stanza/stanza.h"

/// What can be looked for in an archive, and how: XEP-0431. No side effects.
namespace aldis::modules::search {

inline constexpr std::size_t most_text = 64 << 10;    ///< bytes of a message that are indexed
inline constexpr std::size_t most_words = 2'000;      ///< of a message
inline constexpr std::size_t longest_query = 1'024;   ///< bytes
inline constexpr std::size_t most_query_words = 32;   ///< in all terms
inline constexpr std::size_t shortest_beginning = 3;  ///< characters of a word with a star

/// The words by which a stored message is found: those of its bodies and subjects. Not of what is there only for those
/// who cannot read the message, because it is encrypted or for another reason (XEP-0428); and what asks to retract
/// another message says nothing itself.
/// @param stanza  as the archive has it; what is none has no words
[[nodiscard]] std::vector<std::string> words_of(std::string_view stanza);

/// Changes whenever the words of some message may be others than before.
[[nodiscard]] std::string rules_version();

/// What a user looks for. Words must all be in the message, in any order; "several words" in quotation marks one behind
/// the other; a word with a star at its end stands for all that begin so. All else is ignored.
/// @return  not-acceptable: a quotation mark is missing, nothing is looked for, or too much
[[nodiscard]] Result<std::vector<db::SearchTerm>> terms_of(std::string_view text);

}  // namespace aldis::modules::search
