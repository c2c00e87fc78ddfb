#pragma once

#include "base/log.h"
#include "base/random.h"
#include "net/shard.h"
#include "xml/parser.h"

namespace aldis::stream {

/// The bounds of a stream; limits switched off are very large numbers.
struct StreamLimits {
    xml::Limits before_auth{.stanza_bytes = 16384};
    xml::Limits after_auth{};
    std::chrono::milliseconds time_to_authenticate{15000};
    unsigned max_attempts = 3;          ///< failed logins on one stream
    std::size_t queue_bytes = 4 << 20;  ///< output that a slow reader may leave waiting
    std::size_t bytes_per_second = 0;   ///< of input, averaged; 0: no limit
};

/// What the streams of one shard share.
struct Place {
    net::Shard& shard;
    xml::ParserPool& parsers;
    const StreamLimits* limits;  ///< changed in place when the configuration is read again
};

}  // namespace aldis::stream
