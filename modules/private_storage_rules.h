#pragma once

#include <vector>

#include "base/result.h"
#include "db/private.h"
#include "xml/element.h"

/// What may be stored and asked for: XEP-0049. No side effects.
namespace aldis::modules::private_storage {

/// How many elements one request may name.
inline constexpr std::size_t most_elements = 64;

/// "At least one child element with a proper namespace MUST be included", and of a question all of the same.
[[nodiscard]] Result<void> check_set(const xml::Element& query);
[[nodiscard]] Result<void> check_get(const xml::Element& query);

/// Nothing is stored by it: to store it means to remove what is there.
[[nodiscard]] bool is_empty(const xml::Element& element);

/// Adds to what is to be stored; elements of the same name come together.
void add(std::vector<db::PrivateElement>& elements, const xml::Element& element);

}  // namespace aldis::modules::private_storage
