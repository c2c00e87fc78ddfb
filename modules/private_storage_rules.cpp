#include "modules/private_storage_rules.h"

#include <iterator>
#include <set>
#include <string_view>

#include "xml/writer.h"

namespace aldis::modules::private_storage {
namespace {

constexpr stanza::Error no_namespace{Condition::not_acceptable, ErrorType::modify,
                                     "What is stored has a namespace of its own."};
constexpr stanza::Error too_many{Condition::not_acceptable, ErrorType::modify, "These are too many at once."};

Result<void> check_children(const xml::Element& query) {
    std::size_t count = 0;
    for (const xml::Element& child : query.children()) {
        if (child.ns().empty() || child.ns() == query.ns() || child.ns() == xml::client_ns)
            return std::unexpected{no_namespace};
        if (++count > most_elements) return std::unexpected{too_many};
    }
    return {};
}

}  // namespace

Result<void> check_set(const xml::Element& query) {
    if (!query.has_children())
        return refuse(Condition::not_acceptable, ErrorType::modify, "There is nothing to store.");
    return check_children(query);
}

Result<void> check_get(const xml::Element& query) {
    const xml::Element* const first = query.first_element();
    if (first == nullptr) return refuse(Condition::bad_request, ErrorType::modify, "There is nothing asked for.");
    std::set<std::string_view> names;
    for (const xml::Element& child : query.children()) {
        if (child.ns() != first->ns())
            return refuse(Condition::bad_request, ErrorType::modify, "One namespace at a time.");
        // The answer would be many times as large as what is kept.
        if (!names.insert(child.local()).second)
            return refuse(Condition::bad_request, ErrorType::modify, "Each element once.");
    }
    return check_children(query);
}

bool is_empty(const xml::Element& element) {
    return element.first_attribute() == nullptr && element.first_node() == nullptr;
}

void add(std::vector<db::PrivateElement>& elements, const xml::Element& element) {
    std::string text = is_empty(element) ? std::string{} : xml::to_string(element);
    for (db::PrivateElement& there : elements) {
        if (there.ns != element.ns() || there.name != element.local()) continue;
        there.xml += text;
        return;
    }
    elements.push_back({.ns = std::string{element.ns()}, .name = std::string{element.local()}, .xml = std::move(text)});
}

}  // namespace aldis::modules::private_storage
