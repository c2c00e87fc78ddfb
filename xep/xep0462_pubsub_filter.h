#pragma once

#include <string_view>

#include "xep/xep0004_data_forms.h"

/// XEP-0462: PubSub Type Filtering 0.1.1
namespace aldis::xep {

/// In a disco#items query of a service: of which pubsub#type the nodes are to be. The form has one of the two fields;
/// an empty value stands for nodes without a type.
struct PubsubFilter {
    static constexpr std::string_view ns = "urn:xmpp:pubsub-filter:0";
    static constexpr std::string_view included = "included-types";
    static constexpr std::string_view excluded = "excluded-types";

    dataforms::Form form;

    static constexpr auto schema = xml::element(ns, "filter", xml::child<&PubsubFilter::form>());
};

}  // namespace aldis::xep
