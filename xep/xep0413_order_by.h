#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "xml/schema.h"

/// XEP-0413: Order-By 0.2.1
namespace aldis::xep {

enum class OrderField : std::uint8_t {
    creation,      ///< first published under its id
    modification,  ///< last published
    other,
};

/// In which order items are asked for. The first of several counts most.
struct OrderBy {
    static constexpr std::string_view ns = "urn:xmpp:order-by:1";

    static constexpr stanza::Error unknown{Condition::feature_not_implemented, ErrorType::modify,
                                           "Items cannot be put into this order."};

    OrderField by = OrderField::creation;
    bool descending = false;

    static constexpr auto schema = xml::element(ns, "order", xml::attribute<&OrderBy::by>("by"),
                                                xml::attribute_or<&OrderBy::descending>("desc", false));
};

}  // namespace aldis::xep

template <>
struct aldis::xml::EnumNames<aldis::xep::OrderField> {
    using enum xep::OrderField;
    static constexpr std::array values{std::pair{creation, std::string_view{"creation"}},
                                       std::pair{modification, std::string_view{"modification"}}};
    static constexpr auto otherwise = other;
};
