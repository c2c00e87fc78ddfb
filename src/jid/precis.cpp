#include "jid/precis.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/usprep.h>

#include <memory>
#include <optional>
#include <stdexcept>

#include "jid/string_class.h"
#include "jid/unicode_text.h"

namespace aldis {
namespace {

using icu::UnicodeString;
using Prepared = std::optional<UnicodeString>;
using Profile = Prepared (*)(const UnicodeString&);

const icu::Normalizer2& form(const icu::Normalizer2* (*get)(UErrorCode&)) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* normalizer = get(status);
    if (U_FAILURE(status)) throw std::runtime_error{"ICU has no data for normalization"};
    return *normalizer;
}

constexpr int32_t most_units =
    static_cast<int32_t>(precis::longest_part);  // UTF-16 needs no more units than UTF-8 bytes

Prepared normalized(const UnicodeString& text, const icu::Normalizer2& to) {
    UErrorCode status = U_ZERO_ERROR;
    UnicodeString result = to.normalize(text, status);
    // No part can be longer, so nothing after this need look at what ICU may have made 18 times as long.
    if (U_FAILURE(status) || result.length() > most_units) return std::nullopt;
    return result;
}

Prepared nfc(const UnicodeString& text) { return normalized(text, form(&icu::Normalizer2::getNFCInstance)); }
Prepared nfkc(const UnicodeString& text) { return normalized(text, form(&icu::Normalizer2::getNFKCInstance)); }

template <class Map>
UnicodeString each(const UnicodeString& text, Map map) {
    UnicodeString result;
    for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) result.append(map(text.char32At(i)));
    return result;
}

/// RFC 8264 section 5.2.1: fullwidth and halfwidth forms become what they are forms of.
UnicodeString width_mapped(const UnicodeString& text) {
    const icu::Normalizer2& decompositions = form(&icu::Normalizer2::getNFKCInstance);
    return each(text, [&](UChar32 c) {
        const int type = u_getIntPropertyValue(c, UCHAR_DECOMPOSITION_TYPE);
        UnicodeString mapped;
        if (type != U_DT_WIDE && type != U_DT_NARROW) return UnicodeString{c};
        return decompositions.getRawDecomposition(c, mapped) ? mapped : UnicodeString{c};
    });
}

/// RFC 8264 section 5.2.3: toLowerCase(), in no language and without the rule for a sigma that ends a word.
UnicodeString lower_cased(const UnicodeString& text) {
    constexpr UChar32 capital_sigma = 0x3a3, small_sigma = 0x3c3;
    UnicodeString result = each(text, [](UChar32 c) { return c == capital_sigma ? small_sigma : c; });
    return result.toLower(icu::Locale::getRoot());
}

bool is_space(UChar32 c) { return u_charType(c) == U_SPACE_SEPARATOR; }

UnicodeString spaces_mapped(const UnicodeString& text) {
    return each(text, [](UChar32 c) { return is_space(c) ? UChar32{' '} : c; });
}

/// RFC 8266 section 2.1: no spaces at the ends, single spaces between.
UnicodeString spaces_collapsed(const UnicodeString& text) {
    UnicodeString result;
    bool owed = false;
    for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
        const UChar32 c = text.char32At(i);
        if (c != ' ' && owed && !result.isEmpty()) result.append(u' ');
        if (c != ' ') result.append(c);
        owed = c == ' ';
    }
    return result;
}

bool has_excluded(const UnicodeString& text) {
    constexpr std::u16string_view excluded = u"\"&'/:<>@";  // RFC 7622 section 3.3.1
    for (const char16_t c : excluded)
        if (text.indexOf(c) >= 0) return true;
    return false;
}

/// UsernameCaseMapped, the steps of RFC 8265 section 3.3.3.
Prepared username_case_mapped(const UnicodeString& text) {
    const UnicodeString narrow = width_mapped(text);
    if (!precis::in_identifier_class(narrow)) return std::nullopt;
    Prepared result = nfc(lower_cased(narrow));
    if (!result || !precis::in_identifier_class(*result) || !precis::satisfies_bidi_rule(*result)) return std::nullopt;
    return result;
}

Prepared localpart(const UnicodeString& text) {
    Prepared result = username_case_mapped(text);
    return result && !has_excluded(*result) ? result : std::nullopt;
}

/// OpaqueString, the steps of RFC 8265 section 4.2.2.
Prepared opaque_string(const UnicodeString& text) {
    if (!precis::in_freeform_class(text)) return std::nullopt;
    Prepared result = nfc(spaces_mapped(text));
    return result && precis::in_freeform_class(*result) ? result : std::nullopt;
}

Prepared nickname(const UnicodeString& text) {
    if (!precis::in_freeform_class(text)) return std::nullopt;
    Prepared result = nfkc(spaces_collapsed(spaces_mapped(text)));
    return result && precis::in_freeform_class(*result) ? result : std::nullopt;
}

Prepared nickname_compared(const UnicodeString& text) {
    if (!precis::in_freeform_class(text)) return std::nullopt;
    Prepared result = nfkc(lower_cased(spaces_collapsed(spaces_mapped(text))));
    return result && precis::in_freeform_class(*result) ? result : std::nullopt;
}

/// Applies a profile until nothing changes any more: RFC 8264 section 7 wants the result to be stable.
Prepared stable(Profile profile, const UnicodeString& text) {
    constexpr int most_rounds = 4;  // RFC 8266 section 2.3: "up to 3 additional times"
    Prepared result = profile(text);
    for (int round = 1; result && round < most_rounds; ++round) {
        Prepared again = profile(*result);
        if (again && *again == *result) return result;
        result = std::move(again);
    }
    return std::nullopt;
}

using Stringprep = std::unique_ptr<UStringPrepProfile, decltype(&usprep_close)>;

Stringprep open_stringprep(UStringPrepProfileType type) {
    UErrorCode status = U_ZERO_ERROR;
    Stringprep opened{usprep_openByType(type, &status), &usprep_close};
    if (U_FAILURE(status)) throw std::runtime_error{"ICU has no data for stringprep"};
    return opened;
}

/// RFC 3454, as older software applies it to what it sends: code points newer than Unicode 3.2 stay as they are.
Prepared stringprep(const UStringPrepProfile& profile, const UnicodeString& text) {
    UnicodeString result;
    UErrorCode status = U_ZERO_ERROR;
    char16_t* buffer = result.getBuffer(most_units);
    const int32_t length = usprep_prepare(&profile, text.getBuffer(), text.length(), buffer, most_units,
                                          USPREP_ALLOW_UNASSIGNED, nullptr, &status);
    result.releaseBuffer(U_SUCCESS(status) ? length : 0);
    if (U_FAILURE(status)) return std::nullopt;  // also if it is too long
    return result;
}

const UStringPrepProfile& nodeprep_profile() {
    static const Stringprep opened = open_stringprep(USPREP_RFC3920_NODEPREP);
    return *opened;
}

const UStringPrepProfile& resourceprep_profile() {
    static const Stringprep opened = open_stringprep(USPREP_RFC3920_RESOURCEPREP);
    return *opened;
}

Prepared or_legacy(Profile profile, const UnicodeString& text, const UStringPrepProfile& legacy) {
    if (Prepared modern = stable(profile, text)) return modern;
    const Prepared older = stringprep(legacy, text);
    return older ? stable(profile, *older) : std::nullopt;
}

/// The last step of every profile: neither empty nor too long.
Result<std::string> finished(const Prepared& text, Condition otherwise, std::string_view why) {
    std::optional<std::string> utf8 = text ? precis::to_utf8(*text) : std::nullopt;
    if (!utf8) return refuse(otherwise, ErrorType::modify, why);
    return *std::move(utf8);
}

Prepared enforced(Profile profile, std::string_view utf8) {
    const Prepared text = precis::from_utf8(utf8);
    return text ? stable(profile, *text) : std::nullopt;
}

}  // namespace

Result<std::string> prepare_local(std::string_view utf8) {
    const Prepared text = precis::from_utf8(utf8);
    return finished(text ? or_legacy(&localpart, *text, nodeprep_profile()) : std::nullopt, Condition::jid_malformed,
                    "No localpart of an address.");
}

Result<std::string> nodeprep(std::string_view utf8) {
    const Prepared text = precis::from_utf8(utf8);
    return finished(text ? stringprep(nodeprep_profile(), *text) : std::nullopt, Condition::jid_malformed,
                    "No localpart of an address.");
}

Result<std::string> prepare_resource(std::string_view utf8) {
    const Prepared text = precis::from_utf8(utf8);
    return finished(text ? or_legacy(&opaque_string, *text, resourceprep_profile()) : std::nullopt,
                    Condition::jid_malformed, "No resource of an address.");
}

Result<std::string> prepare_password(std::string_view utf8) {
    return finished(enforced(&opaque_string, utf8), Condition::not_acceptable, "This cannot be a password.");
}

Result<std::string> prepare_nickname(std::string_view utf8) {
    return finished(enforced(&nickname, utf8), Condition::not_acceptable, "This cannot be a nickname.");
}

Result<std::string> nickname_for_comparison(std::string_view utf8) {
    return finished(enforced(&nickname_compared, utf8), Condition::not_acceptable, "This cannot be a nickname.");
}

}  // namespace aldis
