#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "db/pubsub.h"
#include "modules/pubsub/interests.h"
#include "xep/xep0060_pubsub_forms.h"

/// Which last items somebody is sent: XEP-0163 "Sending the Last Published Item".
namespace aldis::modules::pubsub {

/// Why: what pubsub#send_last_published_item is about.
enum class Began : std::uint8_t {
    presence,      ///< a resource is newly available, or wants other nodes than before
    subscription,  ///< to the owner's presence, and with it to his nodes
};

struct LastQuestion {
    std::vector<std::string> owners;  ///< bare JIDs
    Wanted nodes;
    Jid to;  ///< full
    Began began = Began::presence;
    Timestamp now{};
};

struct LastFound {
    std::size_t owner = 0;  ///< in LastQuestion::owners
    std::string node;
    std::shared_ptr<const xep::pubsub::NodeConfig> config;
    db::PubsubItem item;
};

struct LastAnswer {
    std::vector<LastFound> found;
    std::size_t done = 0;   ///< owners that were looked at; the others are to be asked for again
    std::size_t bytes = 0;  ///< of what was found, about
};

/// In a read job: of each owner the last items that he lets `to` see, until there is enough of them for once. What
/// counts is what is on disk: rosters, blocklists and nodes.
[[nodiscard]] LastAnswer read_last(db::Connection& connection, const LastQuestion& question);

}  // namespace aldis::modules::pubsub
