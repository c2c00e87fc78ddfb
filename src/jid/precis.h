#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

/// The preparation of internationalised strings: PRECIS (RFC 8264) and IDNA2008 (RFC 5891), by ICU.
/// Every function takes bytes of any origin, which ought to be UTF-8, and returns the canonical form, or says that
/// there is none. That form has between 1 and 1023 bytes and no control character, and is its own canonical form.
/// Beyond what PRECIS says, text with more than 30 combining marks in a row is refused: it serves only to make work.
namespace aldis {

/// A localpart: the UsernameCaseMapped profile (RFC 8265 section 3.3) without the characters that RFC 7622 section
/// 3.3.1 excludes. Letters are lower-cased one by one: a capital sigma becomes U+03C3 also at the end of a word, as
/// in stringprep.
///
/// COMPAT: clients and servers of RFC 6122. What PRECIS refuses (ligatures, Roman numerals, soft hyphens) is taken in
/// its Nodeprep form if PRECIS allows that. What PRECIS allows stays itself: RFC 7622 section 3.5 tells sharp s from
/// ss.
/// @return  jid-malformed, modify
[[nodiscard]] Result<std::string> prepare_local(std::string_view text);

/// The Nodeprep form (RFC 6122 appendix A) of a localpart, as a client that knows only stringprep sends it: "ss" for
/// sharp s. An account store that finds no account of a name can look for the one whose Nodeprep form it is, and
/// should not let two accounts share one form.
/// @return  jid-malformed, modify: Nodeprep has no form for this name
[[nodiscard]] Result<std::string> nodeprep(std::string_view text);

/// A domainpart: an IPv4 address, an IPv6 address in brackets (as RFC 5952 writes it), or a domain name in lower case
/// without final dot whose labels are U-labels of IDNA2008 (RFC 7622 section 3.2; UTS 46 maps, non-transitional).
/// @return  jid-malformed, modify
[[nodiscard]] Result<std::string> prepare_domain(std::string_view text);

/// A resource: the OpaqueString profile (RFC 8265 section 4.2). Spaces at the ends are kept (RFC 7622 erratum 4560).
///
/// COMPAT: clients and servers of RFC 6122. What PRECIS refuses (emoji with joiners or variation selectors, for one) is
/// taken in its Resourceprep form, which drops these, if PRECIS allows that.
/// @return  jid-malformed, modify
[[nodiscard]] Result<std::string> prepare_resource(std::string_view text);

/// A password: the OpaqueString profile, nothing more.
/// @return  not-acceptable, modify
[[nodiscard]] Result<std::string> prepare_password(std::string_view text);

/// A nickname as it is shown: RFC 8266 section 2.3.
/// @return  not-acceptable, modify
[[nodiscard]] Result<std::string> prepare_nickname(std::string_view text);

/// A nickname as it is compared: RFC 8266 section 2.4. Two nicknames are the same if these are.
/// @return  not-acceptable, modify
[[nodiscard]] Result<std::string> nickname_for_comparison(std::string_view text);

}  // namespace aldis
