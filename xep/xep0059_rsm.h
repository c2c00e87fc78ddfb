#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "xml/schema.h"

/// XEP-0059: Result Set Management 1.0
namespace aldis::xep::rsm {

inline constexpr std::string_view ns = "http://jabber.org/protocol/rsm";

/// The first item of a page.
struct First {
    std::optional<std::uint64_t> index = {};  ///< where it stands in the whole result, from 0; may be approximate
    std::string id;

    static constexpr auto schema =
        xml::element(ns, "first", xml::attribute<&First::index>("index"), xml::text<&First::id>());
};

/// Which page is asked for, or what the page is that was given.
struct Set {
    // In requests.
    std::optional<std::uint32_t> max = {};    ///< items in a page; 0 asks only for the count
    std::optional<std::string> after = {};    ///< the page that follows this item
    std::optional<std::string> before = {};   ///< the page before this item; empty: the last page
    std::optional<std::uint64_t> index = {};  ///< the page that starts there

    // In results. First and last are absent where the page is empty.
    std::optional<First> first = {};
    std::optional<std::string> last = {};
    std::optional<std::uint64_t> count = {};  ///< items in the whole result; may be approximate

    static constexpr auto schema = xml::element(
        ns, "set", xml::text_child<&Set::max>("max"), xml::text_child<&Set::after>("after"),
        xml::text_child<&Set::before>("before"), xml::text_child<&Set::index>("index"), xml::child<&Set::first>(),
        xml::text_child<&Set::last>("last"), xml::text_child<&Set::count>("count"));
};

}  // namespace aldis::xep::rsm
