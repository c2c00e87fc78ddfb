#pragma once
#include <cstddef>
#include <string_view>

namespace load {

/// Finds where the elements of an XML stream begin and end, without parsing them; enough for what well-behaved servers
/// send (no comments, no CDATA). Each byte is looked at once, however the stream is cut into reads.
class Scanner {
public:
    enum class Kind {
        none,          ///< nothing complete yet
        stream_start,  ///< <stream:stream ...>
        element,       ///< a complete child of the stream
        stream_end,    ///< </stream:stream>
    };
    struct Piece {
        Kind kind = Kind::none;
        std::size_t begin = 0;  ///< where its '<' stands
        std::size_t end = 0;    ///< one behind its '>'; the next call starts from here
    };

    /// The next piece of `text`, which begins where the last piece ended and includes what was offered in vain before.
    Piece next(std::string_view text);

    /// A new stream begins (after STARTTLS or SASL).
    void restart() { *this = Scanner{}; }

private:
    bool find_tag(std::string_view text);
    bool find_end_of_tag(std::string_view text);
    Kind close_tag(std::string_view text);

    std::size_t position_ = 0;  ///< how far the text has been looked at
    std::size_t tag_ = 0;       ///< where the current tag begins
    std::size_t piece_ = 0;     ///< where the current child of the stream begins
    unsigned depth_ = 0;        ///< 0 outside of the stream, 1 between its children
    bool in_tag_ = false;
    char quote_ = 0;  ///< the quote that an attribute's value waits for
};

/// The value of an attribute of the element's own tag, as it stands there (not unescaped); empty if there is none.
std::string_view attribute(std::string_view element, std::string_view name);

/// The text between <name> and </name>, the first one at any depth; for tags without attributes. Empty if there is
/// none.
std::string_view text_of(std::string_view xml, std::string_view name);

/// Whether the element, or the tag, has this name.
bool is_named(std::string_view element, std::string_view name);

/// The first start tag with this name, at any depth; empty if there is none.
std::string_view tag_of(std::string_view xml, std::string_view name);

/// What stands between the element's own start and end tag.
std::string_view content_of(std::string_view element);

}  // namespace load
