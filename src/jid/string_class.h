#pragma once

#include <unicode/unistr.h>

#include <cstdint>

/// The two string classes of PRECIS: RFC 8264 section 4, calculated from ICU's Unicode data as section 8 tells.
namespace aldis::precis {

enum class Derived : std::uint8_t {
    valid,      ///< in both classes
    free_only,  ///< ID_DIS or FREE_PVAL
    context,    ///< CONTEXTJ or CONTEXTO: valid where its rule says so
    disallowed,
    unassigned,
};

[[nodiscard]] Derived derived_property(UChar32 c);

/// Whether every code point may stand where it stands.
[[nodiscard]] bool in_identifier_class(const icu::UnicodeString& text);
[[nodiscard]] bool in_freeform_class(const icu::UnicodeString& text);

/// The Bidi Rule, RFC 5893 section 2. Text without right-to-left characters always satisfies it here: RFC 8265 section
/// 3.3.1 asks for it only where there are some.
[[nodiscard]] bool satisfies_bidi_rule(const icu::UnicodeString& text);

}  // namespace aldis::precis
