#include "jid/unicode_text.h"

#include <unicode/uchar.h>
#include <unicode/ustring.h>

namespace aldis::precis {

using icu::UnicodeString;

namespace {

/// UAX 15 section 13, "Stream-Safe Text Format": no language needs more than 30 marks on one letter, and to put n of
/// them into order costs the square of n.
bool is_stream_safe(const UnicodeString& text) {
    constexpr int most_marks = 30;
    int marks = 0;
    for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
        marks = u_getCombiningClass(text.char32At(i)) == 0 ? 0 : marks + 1;
        if (marks > most_marks) return false;
    }
    return true;
}

}  // namespace

std::optional<UnicodeString> from_utf8(std::string_view utf8) {
    // Canonical composition leaves at least a quarter of what it is given.
    if (utf8.size() > 4 * longest_part) return std::nullopt;
    const int32_t capacity = static_cast<int32_t>(utf8.size()) + 1;
    UnicodeString text;
    char16_t* buffer = text.getBuffer(capacity);
    UErrorCode status = U_ZERO_ERROR;
    int32_t length = 0;
    u_strFromUTF8(buffer, capacity, &length, utf8.data(), static_cast<int32_t>(utf8.size()), &status);
    text.releaseBuffer(U_SUCCESS(status) ? length : 0);
    if (U_FAILURE(status) || !is_stream_safe(text)) return std::nullopt;
    return text;
}

std::optional<std::string> to_utf8(const UnicodeString& text) {
    std::string utf8;
    if (text.length() > static_cast<int32_t>(longest_part) || !is_stream_safe(text)) return std::nullopt;
    text.toUTF8String(utf8);
    if (utf8.empty() || utf8.size() > longest_part) return std::nullopt;
    return utf8;
}

}  // namespace aldis::precis
