#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "xml/schema.h"

/// XEP-0428: Fallback Indication 0.2.1
namespace aldis::xep::fallback {

inline constexpr std::string_view ns = "urn:xmpp:fallback:0";

/// A part of the body, in code points from `start` to before `end`; all of it where they are absent.
struct InBody {
    std::optional<std::uint32_t> start = {};
    std::optional<std::uint32_t> end = {};

    static constexpr auto schema =
        xml::element(ns, "body", xml::attribute<&InBody::start>("start"), xml::attribute<&InBody::end>("end"));
};

/// The same of the subject.
struct InSubject {
    std::optional<std::uint32_t> start = {};
    std::optional<std::uint32_t> end = {};

    static constexpr auto schema =
        xml::element(ns, "subject", xml::attribute<&InSubject::start>("start"), xml::attribute<&InSubject::end>("end"));
};

/// What is there only for those who do not know the namespace that it replaces: body and subject, where no part is
/// named.
struct Fallback {
    std::optional<std::string> replaces = {};  ///< a namespace
    std::vector<InSubject> subjects = {};
    std::vector<InBody> bodies = {};

    static constexpr auto schema =
        xml::element(ns, "fallback", xml::attribute<&Fallback::replaces>("for"), xml::children<&Fallback::subjects>(),
                     xml::children<&Fallback::bodies>());
};

}  // namespace aldis::xep::fallback
