#pragma once

#include <boost/asio/io_context.hpp>

#include "net/shard.h"

namespace aldis::net {

/// The io_context that a shard's thread runs: for HTTP, which is written with Beast. XMPP connections do not use it.
[[nodiscard]] boost::asio::io_context& io_context_of(Shard& shard);

}  // namespace aldis::net
