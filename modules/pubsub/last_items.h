#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "mod/module.h"
#include "modules/pubsub/last_reading.h"

namespace aldis::modules::pubsub {

/// Sends the last items of nodes to resources that begin to want them, for the owners of one host that have their home
/// on this shard: host.slot<LastItems::Slot>(). XEP-0163 "Sending the Last Published Item". Reads those of many owners
/// at once, and does not need their accounts in memory. What one resource has still to get waits its turn after others.
class LastItems {
public:
    struct Slot {
        LastItems* last_items = nullptr;
    };

    explicit LastItems(mod::Context& context);

    /// @param to     a full JID that Interests knows
    /// @param nodes  those that it did not want before
    void send(const Jid& to, const Wanted& nodes, std::vector<Jid> owners, Began began);

private:
    /// What one resource has still to get.
    struct Job {
        Jid to;
        Wanted nodes;
        std::vector<Jid> owners;
        Began began = Began::presence;
        std::size_t done = 0;   ///< owners
        std::size_t bytes = 0;  ///< sent
    };

    Task<void> work();
    Task<std::optional<Job>> go_on(Job job, std::uint64_t since);
    void finished(const Jid& to, std::size_t owners);
    void release();

    mod::Context& context_;
    Interests& interests_;
    std::deque<Job> waiting_;
    std::deque<Job> slow_;                            ///< have got much already
    std::size_t owners_ = 0;                          ///< of all who wait
    std::unordered_map<Jid, std::size_t> owners_of_;  ///< the same for each of them
    std::size_t workers_ = 0;
};

}  // namespace aldis::modules::pubsub
