#pragma once

#include <cstdint>
#include <optional>

#include "xml/schema.h"

/// XEP-0478: Stream Limits Advertisement 0.2.0
namespace aldis::xep {

/// A stream feature: what the server accepts on this stream.
struct StreamLimits {
    std::optional<std::uint32_t> max_bytes = {};     ///< of one stanza
    std::optional<std::uint32_t> idle_seconds = {};  ///< of silence, after which the stream may be checked or ended

    static constexpr auto schema =
        xml::element("urn:xmpp:stream-limits:0", "limits", xml::text_child<&StreamLimits::max_bytes>("max-bytes"),
                     xml::text_child<&StreamLimits::idle_seconds>("idle-seconds"));
};

}  // namespace aldis::xep
