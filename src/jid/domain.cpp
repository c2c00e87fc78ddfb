#include <arpa/inet.h>
#include <unicode/idna.h>

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>

#include "jid/precis.h"
#include "jid/string_class.h"
#include "jid/unicode_text.h"

namespace aldis {
namespace {

using icu::UnicodeString;

std::unexpected<stanza::Error> malformed(std::string_view why) {
    return refuse(Condition::jid_malformed, ErrorType::modify, why);
}

const icu::IDNA& uts46() {
    static const std::unique_ptr<const icu::IDNA> instance = [] {
        UErrorCode status = U_ZERO_ERROR;
        std::unique_ptr<const icu::IDNA> made{icu::IDNA::createUTS46Instance(
            UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_CHECK_CONTEXTO |
                UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE,
            status)};
        if (U_FAILURE(status)) throw std::runtime_error{"ICU has no data for UTS 46"};
        return made;
    }();
    return *instance;
}

/// "[2001:DB8::0:1]" becomes "[2001:db8::1]".
Result<std::string> prepare_ipv6(std::string_view literal) {
    if (literal.back() != ']') return malformed("The IPv6 address has no end.");
    const std::string address{literal.substr(1, literal.size() - 2)};
    in6_addr binary{};
    std::array<char, INET6_ADDRSTRLEN> written{};
    const bool has_nul = address.find('\0') != std::string::npos;
    if (has_nul || inet_pton(AF_INET6, address.c_str(), &binary) != 1) return malformed("No IPv6 address.");
    inet_ntop(AF_INET6, &binary, written.data(), written.size());
    return "[" + std::string{written.data()} + "]";
}

/// UTS 46 maps more than IDNA2008 (RFC 5892) allows, pictographs for one. What PRECIS has for identifiers is the same.
bool in_idna2008(const UnicodeString& name) {
    for (int32_t i = 0; i < name.length(); i = name.moveIndex32(i, 1)) {
        const precis::Derived derived = precis::derived_property(name.char32At(i));
        if (derived != precis::Derived::valid && derived != precis::Derived::context) return false;
    }
    return true;
}

/// The lengths of names and labels are those of the A-labels that the DNS will see.
bool fits_dns(const UnicodeString& name) {
    UErrorCode status = U_ZERO_ERROR;
    icu::IDNAInfo info;
    UnicodeString ascii;
    uts46().nameToASCII(name, ascii, info, status);
    return U_SUCCESS(status) && !info.hasErrors() && !ascii.isBogus() && !ascii.endsWith(u".", 1);
}

}  // namespace

Result<std::string> prepare_domain(std::string_view text) {
    if (text.starts_with('[')) return prepare_ipv6(text);
    const std::optional<UnicodeString> given = precis::from_utf8(text);
    if (!given) return malformed("The domain is not UTF-8.");

    UErrorCode status = U_ZERO_ERROR;
    icu::IDNAInfo info;
    UnicodeString name;
    uts46().nameToUnicode(*given, name, info, status);
    if (U_FAILURE(status) || info.hasErrors()) return malformed("No domain name.");
    if (name.endsWith(u".", 1)) name.truncate(name.length() - 1);  // RFC 7622 section 3.2
    if (name.isEmpty() || !in_idna2008(name) || !fits_dns(name)) return malformed("No domain name.");
    std::optional<std::string> utf8 = precis::to_utf8(name);
    if (!utf8) return malformed("The domain is too long.");
    return *std::move(utf8);
}

}  // namespace aldis
