#include "jid/jid.h"

#include <array>
#include <bit>
#include <span>

#include "base/random.h"
#include "jid/ascii.h"
#include "jid/precis.h"
#include "jid/siphash.h"

namespace aldis {
namespace {

using ascii::Form;

std::unexpected<stanza::Error> malformed(std::string_view why) {
    return refuse(Condition::jid_malformed, ErrorType::modify, why);
}

SipKey key_of_this_process() {
    static const SipKey key = [] {
        std::array<unsigned char, sizeof(SipKey)> bytes{};
        SystemRandom{}.fill(bytes);
        return std::bit_cast<SipKey>(bytes);
    }();
    return key;
}

// Never to change: it decides where accounts live.
constexpr SipKey home_key{.low = 0x416c646973206a69, .high = 0x6420686f6d652031};

}  // namespace

/// A part as it was given, and what its ASCII says of it.
struct Jid::Part {
    std::string_view text;
    Form form;

    Result<std::string> prepared(Result<std::string> (*by_precis)(std::string_view)) const {
        if (form == Form::other) return by_precis(text);
        std::string copy{text};
        if (form == Form::upper) ascii::lower(copy, copy.size());
        return copy;
    }
};

Jid& Jid::operator=(Jid&& other) noexcept {
    Jid moved{std::move(other)};  // leaves `other` empty, also when it is *this
    swap(moved);
    return *this;
}

void Jid::swap(Jid& other) noexcept {
    text_.swap(other.text_);
    std::swap(local_end_, other.local_end_);
    std::swap(domain_end_, other.domain_end_);
}

Result<Jid> Jid::parse(std::string_view text) {
    // RFC 7622 section 3.1: the first '/' starts the resource, the first '@' before it ends the localpart; both are
    // looked for before any mapping, which could make new ones.
    const std::size_t slash = text.find('/');
    const std::string_view bare = text.substr(0, slash);
    const std::size_t at = bare.find('@');
    if (at == 0) return malformed("The localpart is empty.");
    if (slash != std::string_view::npos && slash + 1 == text.size()) return malformed("The resource is empty.");

    const bool has_local = at != std::string_view::npos;
    return from_parts(has_local ? bare.substr(0, at) : std::string_view{}, has_local ? bare.substr(at + 1) : bare,
                      slash == std::string_view::npos ? std::string_view{} : text.substr(slash + 1));
}

Result<Jid> Jid::from_parts(std::string_view local, std::string_view domain, std::string_view resource) {
    const Part local_part{local, local.empty() ? Form::canonical : ascii::form_of_local(local)};
    const Part domain_part{domain, ascii::form_of_domain(domain)};
    const Part resource_part{resource, resource.empty() ? Form::canonical : ascii::form_of_resource(resource)};
    for (const Part* part : {&local_part, &domain_part, &resource_part})
        if (part->form == Form::other) return assemble(local_part, domain_part, resource_part);

    Jid jid = join(local, domain, resource);
    if (local_part.form == Form::upper || domain_part.form == Form::upper) ascii::lower(jid.text_, jid.domain_end_);
    return jid;
}

Jid Jid::join(std::string_view local, std::string_view domain, std::string_view resource) {
    std::string text;
    text.reserve(local.size() + domain.size() + resource.size() + 2);
    if (!local.empty()) text.append(local).push_back('@');
    text.append(domain);
    const std::size_t domain_end = text.size();
    if (!resource.empty()) (text += '/').append(resource);
    return Jid{std::move(text), local.size(), domain_end};
}

Result<Jid> Jid::assemble(const Part& local, const Part& domain, const Part& resource) {
    const Result<std::string> prepared_local = local.prepared(&prepare_local);
    if (!prepared_local) return std::unexpected{prepared_local.error()};
    const Result<std::string> prepared_domain = domain.prepared(&prepare_domain);
    if (!prepared_domain) return std::unexpected{prepared_domain.error()};
    const Result<std::string> prepared_resource = resource.prepared(&prepare_resource);
    if (!prepared_resource) return std::unexpected{prepared_resource.error()};
    return join(*prepared_local, *prepared_domain, *prepared_resource);
}

Result<Jid> Jid::with_resource(std::string_view resource) const {
    if (empty() || resource.empty()) return malformed("The resource is empty.");
    const Result<std::string> prepared = Part{resource, ascii::form_of_resource(resource)}.prepared(&prepare_resource);
    if (!prepared) return std::unexpected{prepared.error()};
    return join(local(), domain(), *prepared);
}

std::size_t Jid::hash() const { return siphash(key_of_this_process(), text_); }

std::size_t Jid::bare_hash() const { return siphash(key_of_this_process(), bare_text()); }

std::uint64_t Jid::home_hash() const { return siphash(home_key, bare_text()); }

std::strong_ordering operator<=>(const Jid& a, const Jid& b) {
    const std::strong_ordering by_bare = a.bare_text() <=> b.bare_text();
    return by_bare != 0 ? by_bare : a.resource() <=> b.resource();
}

}  // namespace aldis
