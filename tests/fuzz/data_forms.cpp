// Reads whatever comes as a data form, as the queries that carry one, and as the typed form of an archive's filter; and
// judges it by its own rules, as if it answered itself.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "xep/xep0030_disco.h"
#include "xep/xep0115_caps.h"
#include "xep/xep0313_mam.h"
#include "xml/parser.h"

namespace {

using namespace aldis;
using namespace aldis::xep;

void require(bool truth) {
    if (!truth) std::abort();
}

template <class T>
std::string text_of(const T& value) {
    return xml::to_string(xml::build(value).root());
}

/// What is built from what was read reads the same again.
template <class T>
std::optional<T> read(const xml::Element& element) {
    Result<T> value = xml::parse<T>(element);
    if (!value) return std::nullopt;
    const std::string text = text_of(*value);
    const xml::Document again = xml::parse_document(text, xml::client_ns, {.stanza_bytes = 1U << 24U});
    const Result<T> reread = xml::parse<T>(again.root());
    require(reread.has_value() && text_of(*reread) == text);
    return std::move(*value);
}

void check_filter(const dataforms::Form& form) {
    const Result<mam::Filter> filter = mam::filter_of({.form = form});
    if (!filter) return;
    const dataforms::Form again = dataforms::filled(*filter, dataforms::Kind::submit);
    const Result<mam::Filter> reread = mam::filter_of({.form = again});
    require(reread.has_value());
    require(text_of(dataforms::filled(*reread, dataforms::Kind::submit)) == text_of(again));
}

void check_by_itself(dataforms::Form form) {
    form.kind = dataforms::Kind::submit;
    const auto checked = dataforms::check(form, form);
    require(checked ? checked->kind == dataforms::Kind::submit : !checked.error().why.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    xml::Document document;
    try {
        document = xml::parse_document({reinterpret_cast<const char*>(data), size}, dataforms::ns);
    } catch (const xml::ParseError&) {
        return 0;
    }
    if (const std::optional<dataforms::Form> form = read<dataforms::Form>(document.root())) {
        check_filter(*form);
        check_by_itself(*form);
    }
    if (const std::optional<disco::Info> info = read<disco::Info>(document.root())) {
        const std::optional<std::string> verified = verification_string(*info);
        require(!verified || verified->size() == 28);
    }
    static_cast<void>(read<mam::Query>(document.root()));
    static_cast<void>(read<mam::Match>(document.root()));
    static_cast<void>(read<disco::Items>(document.root()));
    return 0;
}
