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

/// How a stream came to its end, as its session sees it.
enum class Ending : std::uint8_t {
    closed,    ///< one side has said goodbye: </stream:stream>
    lost,      ///< the connection went away, or is of no use any more; the peer may still be there
    refused,   ///< with a stream error: it cannot go on
    shutdown,  ///< this server stops
};
[[nodiscard]] Ending ending_of(StreamCondition condition);

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
/// @param specific  an application-specific condition (RFC 6120 section 4.9.4), serialised; may be empty
[[nodiscard]] std::string to_xml(StreamCondition condition, std::string_view text, std::string_view specific = {});

}  // namespace aldis::stream
