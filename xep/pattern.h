#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace aldis::xep {

/// A POSIX extended regular expression over Unicode characters, as XEP-0122 asks for. What it takes to match grows with
/// the length of the text times that of the pattern and no faster, whatever both are: all possibilities are followed at
/// once, none is tried after another. Of the syntax there are `.`, `[...]` with ranges and `[:digit:]` and the like,
/// groups, `|`, `*`, `+`, `?`, `{m,n}`, `^`, `$`, and `\` before a character that is meant as it is; no
/// back-references.
class Pattern {
public:
    /// @return  nothing: it is malformed, or too large
    [[nodiscard]] static std::optional<Pattern> parse(std::string_view text);
    /// The whole text, as if the pattern stood between `^(` and `)$`.
    [[nodiscard]] bool matches(std::string_view text) const;

private:
    friend class PatternParser;
    struct Span {
        char32_t first;
        char32_t last;
    };
    enum class Kind : std::uint8_t { spans, others, split, begin, end, match };
    struct State {
        Kind kind = Kind::match;
        std::vector<Span> spans = {};  ///< characters that lead on, or that do not
        std::uint32_t next = 0;
        std::uint32_t other = 0;  ///< of a split
    };
    struct Position {
        bool at_begin;
        bool at_end;
    };

    void follow(std::uint32_t state, Position position, std::vector<std::uint32_t>& states,
                std::vector<bool>& seen) const;
    [[nodiscard]] static bool leads_on(const State& state, char32_t c);

    std::vector<State> states_;
    std::uint32_t start_ = 0;
};

}  // namespace aldis::xep
