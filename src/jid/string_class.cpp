#include "jid/string_class.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <optional>
#include <string_view>

namespace aldis::precis {
namespace {

using icu::UnicodeString;

bool is_between(UChar32 c, UChar32 low, UChar32 high) { return low <= c && c <= high; }
bool is_arabic_indic_digit(UChar32 c) { return is_between(c, 0x660, 0x669); }
bool is_extended_arabic_indic_digit(UChar32 c) { return is_between(c, 0x6f0, 0x6f9); }

// RFC 8264 section 9.6: exceptions, besides the digits.
constexpr std::u32string_view always_valid = U"\u00df\u03c2\u06fd\u06fe\u0f0b\u3007";
constexpr std::u32string_view by_context = U"\u00b7\u0375\u05f3\u05f4\u30fb";
constexpr std::u32string_view never_valid = U"\u0640\u07fa\u302e\u302f\u3031\u3032\u3033\u3034\u3035\u303b";

std::optional<Derived> exception(UChar32 c) {
    const auto is_in = [c](std::u32string_view set) { return set.contains(static_cast<char32_t>(c)); };
    if (is_in(always_valid)) return Derived::valid;
    if (is_in(by_context) || is_arabic_indic_digit(c) || is_extended_arabic_indic_digit(c)) return Derived::context;
    return is_in(never_valid) ? std::optional{Derived::disallowed} : std::nullopt;
}

/// Section 9.9: conjoining Jamo.
bool is_old_hangul_jamo(UChar32 c) {
    const int type = u_getIntPropertyValue(c, UCHAR_HANGUL_SYLLABLE_TYPE);
    return type == U_HST_LEADING_JAMO || type == U_HST_VOWEL_JAMO || type == U_HST_TRAILING_JAMO;
}

/// Section 9.13.
bool is_ignorable(UChar32 c) {
    return u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || U_IS_UNICODE_NONCHAR(c);
}

/// Section 9.17.
bool has_compatibility_form(UChar32 c) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
    return U_FAILURE(status) || !nfkc->isNormalized(UnicodeString{c}, status);
}

/// Sections 9.1 and 9.14 to 9.18, in the order of section 8.
Derived by_category(UChar32 c) {
    const std::uint32_t category = U_GET_GC_MASK(c);
    constexpr std::uint32_t letters_and_digits =
        U_GC_LL_MASK | U_GC_LU_MASK | U_GC_LO_MASK | U_GC_ND_MASK | U_GC_LM_MASK | U_GC_MN_MASK | U_GC_MC_MASK;
    constexpr std::uint32_t only_free =
        U_GC_LT_MASK | U_GC_NL_MASK | U_GC_NO_MASK | U_GC_ME_MASK | U_GC_ZS_MASK | U_GC_S_MASK | U_GC_P_MASK;
    if ((category & letters_and_digits) != 0) return Derived::valid;
    return (category & only_free) != 0 ? Derived::free_only : Derived::disallowed;
}

UChar32 before(const UnicodeString& text, int32_t at) { return at == 0 ? U_SENTINEL : text.char32At(at - 1); }
UChar32 after(const UnicodeString& text, int32_t at) {
    const int32_t next = text.moveIndex32(at, 1);
    return next == text.length() ? U_SENTINEL : text.char32At(next);
}

template <class Predicate>
bool any_of(const UnicodeString& text, Predicate predicate) {
    for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1))
        if (predicate(text.char32At(i))) return true;
    return false;
}

bool has_script(UChar32 c, UScriptCode script) {
    UErrorCode status = U_ZERO_ERROR;
    return c != U_SENTINEL && uscript_getScript(c, &status) == script;
}

bool is_kana_or_han(UChar32 c) {
    return has_script(c, USCRIPT_HIRAGANA) || has_script(c, USCRIPT_KATAKANA) || has_script(c, USCRIPT_HAN);
}

bool is_after_virama(const UnicodeString& text, int32_t at) {
    constexpr int virama = 9;  // its canonical combining class
    return at > 0 && u_getCombiningClass(before(text, at)) == virama;
}

/// The joining type of the nearest code point in one direction that is not transparent.
int joining_type(const UnicodeString& text, int32_t at, int32_t step) {
    for (;;) {
        if (step < 0 ? at == 0 : text.moveIndex32(at, 1) == text.length()) return U_JT_NON_JOINING;
        at = text.moveIndex32(at, step);
        const int type = u_getIntPropertyValue(text.char32At(at), UCHAR_JOINING_TYPE);
        if (type != U_JT_TRANSPARENT) return type;
    }
}

/// RFC 5892 appendix A.1: between a letter that joins to its left and one that joins to its right.
bool is_between_joining_letters(const UnicodeString& text, int32_t at) {
    const int left = joining_type(text, at, -1);
    const int right = joining_type(text, at, 1);
    return (left == U_JT_LEFT_JOINING || left == U_JT_DUAL_JOINING) &&
           (right == U_JT_RIGHT_JOINING || right == U_JT_DUAL_JOINING);
}

/// The contextual rules that look at neighbours: RFC 5892 appendices A.1 to A.6.
bool context_allows(const UnicodeString& text, int32_t at) {
    const UChar32 c = text.char32At(at);
    switch (c) {
        case 0x200c: return is_after_virama(text, at) || is_between_joining_letters(text, at);
        case 0x200d: return is_after_virama(text, at);
        case 0xb7: return before(text, at) == 'l' && after(text, at) == 'l';
        case 0x375: return has_script(after(text, at), USCRIPT_GREEK);
        case 0x5f3:
        case 0x5f4: return has_script(before(text, at), USCRIPT_HEBREW);
        default: return true;  // satisfies_rules_of_the_whole() has judged
    }
}

/// Appendices A.7 to A.9: KATAKANA MIDDLE DOT and the Arabic digits. Once for the text, not for each of their
/// characters, or a long text of these would cost the square of its length.
bool satisfies_rules_of_the_whole(const UnicodeString& text) {
    const bool mixed = any_of(text, is_arabic_indic_digit) && any_of(text, is_extended_arabic_indic_digit);
    return !mixed && (text.indexOf(char16_t{0x30fb}) < 0 || any_of(text, is_kana_or_han));
}

bool in_class(const UnicodeString& text, bool freeform) {
    for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
        const Derived derived = derived_property(text.char32At(i));
        const bool allowed = derived == Derived::valid || (freeform && derived == Derived::free_only) ||
                             (derived == Derived::context && context_allows(text, i));
        if (!allowed) return false;
    }
    return satisfies_rules_of_the_whole(text);
}

std::uint32_t direction_mask(UChar32 c) { return U_MASK(u_charDirection(c)); }

constexpr std::uint32_t right_to_left = U_MASK(U_RIGHT_TO_LEFT) | U_MASK(U_RIGHT_TO_LEFT_ARABIC);
constexpr std::uint32_t european = U_MASK(U_EUROPEAN_NUMBER);
constexpr std::uint32_t arabic = U_MASK(U_ARABIC_NUMBER);
constexpr std::uint32_t non_spacing = U_MASK(U_DIR_NON_SPACING_MARK);
constexpr std::uint32_t neutral = U_MASK(U_EUROPEAN_NUMBER_SEPARATOR) | U_MASK(U_COMMON_NUMBER_SEPARATOR) |
                                  U_MASK(U_EUROPEAN_NUMBER_TERMINATOR) | U_MASK(U_OTHER_NEUTRAL) |
                                  U_MASK(U_BOUNDARY_NEUTRAL) | non_spacing;

std::uint32_t direction_of_end(const UnicodeString& text) {
    for (int32_t i = text.length(); i > 0;) {
        i = text.moveIndex32(i, -1);
        const std::uint32_t direction = direction_mask(text.char32At(i));
        if (direction != non_spacing) return direction;
    }
    return 0;
}

}  // namespace

Derived derived_property(UChar32 c) {
    if (const std::optional<Derived> exceptional = exception(c)) return *exceptional;
    if (u_charType(c) == U_UNASSIGNED && !U_IS_UNICODE_NONCHAR(c)) return Derived::unassigned;
    if (is_between(c, 0x21, 0x7e)) return Derived::valid;
    if (u_hasBinaryProperty(c, UCHAR_JOIN_CONTROL)) return Derived::context;
    if (is_old_hangul_jamo(c) || is_ignorable(c) || u_charType(c) == U_CONTROL_CHAR) return Derived::disallowed;
    return has_compatibility_form(c) ? Derived::free_only : by_category(c);
}

bool in_identifier_class(const UnicodeString& text) { return in_class(text, false); }

bool in_freeform_class(const UnicodeString& text) { return in_class(text, true); }

bool satisfies_bidi_rule(const UnicodeString& text) {
    std::uint32_t seen = 0;
    for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) seen |= direction_mask(text.char32At(i));
    if ((seen & (right_to_left | arabic)) == 0) return true;

    // Condition 1 allows a start with L as well, but condition 5 then forbids the right-to-left characters seen.
    if ((direction_mask(text.char32At(0)) & right_to_left) == 0) return false;
    const bool known = (seen & ~(right_to_left | european | arabic | neutral)) == 0;        // condition 2
    const bool ends = (direction_of_end(text) & (right_to_left | european | arabic)) != 0;  // condition 3
    return known && ends && ((seen & european) == 0 || (seen & arabic) == 0);               // condition 4
}

}  // namespace aldis::precis
