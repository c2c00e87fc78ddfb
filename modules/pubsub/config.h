#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "xep/xep0060_pubsub_forms.h"

/// What is decided of a node, as forms and as text in the database. Without side effects.
namespace aldis::modules::pubsub {

using xep::dataforms::Form;
using xep::pubsub::NodeConfig;

/// Whose nodes they are.
enum class Kind : std::uint8_t { personal, service };

[[nodiscard]] NodeConfig default_config(Kind kind);

/// The form for owners, with the values.
[[nodiscard]] Form config_form(const NodeConfig& config, Kind kind, xep::dataforms::Kind form);

/// What comes of a form that an owner has submitted. @param current  what stays where the form does not say anything
/// @return  not-acceptable: a value that cannot be (XEP-0060 "Configure a Node", "Create a Node With Default
///          Configuration"); bad-request: another form
[[nodiscard]] Result<NodeConfig> configured(const Form& form, NodeConfig current, Kind kind);

/// "Publishing Options", for a node that is there. @return  conflict: it is configured otherwise
[[nodiscard]] Result<void> check_preconditions(const Form& options, const NodeConfig& config, Kind kind);
/// The same, for a node that is to be made. @param usual  what it is where the options say nothing
[[nodiscard]] Result<NodeConfig> config_of_options(const Form& options, NodeConfig usual, Kind kind);
[[nodiscard]] inline Result<NodeConfig> config_of_options(const Form& options, Kind kind) {
    return config_of_options(options, default_config(kind), kind);
}

/// Publishing options from names without "pubsub#".
[[nodiscard]] Form options_form(const std::vector<std::pair<std::string, std::string>>& options);

/// For db::PubsubNode::config.
[[nodiscard]] std::string encode(const NodeConfig& config);
[[nodiscard]] NodeConfig decode(std::string_view text);

/// How many items are kept. @param most  what the service allows
[[nodiscard]] std::size_t items_kept(const NodeConfig& config, std::size_t most);

}  // namespace aldis::modules::pubsub
