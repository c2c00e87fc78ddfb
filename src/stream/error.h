#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "xml/parser.h"

namespace aldis::stream {

/// The defined conditions of stream errors: RFC 6120 section 4.9.3.
enum class StreamCondition : std::uint8_t {
    bad_format,
    bad_namespace_prefix,
    conflict,
    connection_timeout,
    host_gone,
    host_unknown,
    improper_addressing,
    internal_server_error,
    invalid_from,
    invalid_namespace,
    invalid_xml,
    not_authorized,
    not_well_formed,
    policy_violation,
    remote_connection_failed,
    reset,
    resource_constraint,
    restricted_xml,
    see_other_host,
    system_shutdown,
    undefined_condition,
    unsupported_encoding,
    unsupported_feature,
    unsupported_stanza_type,
    unsupported_version,
};

[[nodiscard]] std::string_view name_of(StreamCondition condition);
[[nodiscard]] StreamCondition condition_of(xml::Fault fault);

/// This stream cannot go on. The text is a literal, shown to the peer.
class StreamError : public std::runtime_error {
public:
    explicit StreamError(StreamCondition condition, const char* text = "")
        : std::runtime_error{text}, condition_{condition} {}
    [[nodiscard]] StreamCondition condition() const { return condition_; }

private:
    StreamCondition condition_;
};

/// `<stream:error>...</stream:error>`
[[nodiscard]] std::string to_xml(StreamCondition condition, std::string_view text);

}  // namespace aldis::stream
