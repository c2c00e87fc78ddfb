#pragma once

#include <string_view>

#include "xml/schema.h"

/// XEP-0049: Private XML Storage 1.2
namespace aldis::xep {

/// Holds what is to be stored, or names what is asked for by an element of its name and namespace.
struct PrivateStorage {
    static constexpr auto schema = xml::element("jabber:iq:private", "query");
};

}  // namespace aldis::xep
