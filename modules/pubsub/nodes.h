#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "db/unit.h"
#include "jid/jid.h"

namespace aldis::session {
class Account;
class Session;
}  // namespace aldis::session

/// What other modules do with the nodes of accounts (XEP-0163), and what they hear of them.
namespace aldis::modules::pubsub {

/// What was published.
struct Item {
    std::string id = {};         ///< empty: one is made up
    std::string publisher = {};  ///< bare JID
    std::string payload = {};    ///< one element as it stands in a stream of jabber:client; empty: there is none
    Timestamp at{};
};

/// A node of an account changes, or has changed.
struct Change {
    enum class Kind : std::uint8_t { published, retracted, purged, deleted };
    using enum Kind;
    Kind kind = Kind::published;
    std::string node = {};
    std::vector<Item> items = {};         ///< published; retracted: only their ids are known
    Jid by = {};                          ///< who did it; in `after`-hooks as in `before`-hooks
    session::Session* session = nullptr;  ///< the same, if it is one of the account's own; null after it is on disk
};

/// Options of a node, by their names without "pubsub#": {"access_model", "open"}.
using Config = std::vector<std::pair<std::string, std::string>>;

/// How Nodes::publish() publishes.
struct PublishOptions {
    /// Of the node if it has to be made. Preconditions if `must_match`; else a node that is there stays as it is.
    Config config = {};
    bool must_match = false;
    Jid by = {};                          ///< the publisher; empty: the account
    session::Session* session = nullptr;  ///< of the account, on whose behalf; handed to the hooks
};

/// The nodes of the accounts of one host on one shard. Every function is called on the owner's home shard, with the
/// bare JID of a local account, and acts as that account. What is waited for is on disk.
class Nodes {
public:
    virtual ~Nodes() = default;

    /// The newest first. @param newest  how many; 0: all. @return  item-not-found: there is no such node
    virtual Task<Result<std::vector<Item>>> items(Jid owner, std::string node, std::size_t newest) = 0;
    /// Nothing: there is no such node or item.
    virtual Task<Result<std::optional<Item>>> item(Jid owner, std::string node, std::string id) = 0;
    /// Creates the node if need be, notifies, runs the hooks. @return  the item's id
    virtual Task<Result<std::string>> publish(Jid owner, std::string node, Item item, PublishOptions options) = 0;
    /// @return  item-not-found: there is no such node or item
    virtual Task<Result<void>> retract(Jid owner, std::string node, std::string id, bool notify) = 0;
    /// Deletes the node with all its items. @return  item-not-found: there is none
    virtual Task<Result<void>> remove(Jid owner, std::string node) = 0;
    /// Changes these options of a node. @return  item-not-found: there is none
    virtual Task<Result<void>> configure(Jid owner, std::string node, Config config) = 0;
    /// Does `viewer` (a bare JID) see the items of that node of the owner? False: there is no such node.
    virtual Task<bool> may_see(Jid owner, std::string node, Jid viewer) = 0;

    // Last items are read for many owners at once, without their accounts in memory: modules/pubsub/last_items.{h,cpp},
    // made by who makes interests.{h,cpp}. It asks of the service only what is pure: see access.h, as
    //   bool access::may_see(const db::PubsubNode& with config and affiliations, viewer's affiliation,
    //                        is the viewer subscribed to the owner's presence, the viewer's groups in the owner's
    //                        roster)
    // and, of the configuration's text, send_last_published_item. It builds its messages as notifications are built
    // (one function for both, please: Message event(owner, node, Item, payload?, type)).
};

/// host.slot<Registry>(): where Nodes is found, and where modules register in their constructors.
struct Registry {
    Nodes* nodes = nullptr;  ///< null: the module is off; set when all modules are made (Context::on_ready)

    using After = std::function<void(session::Account&, const Change&)>;
    using Before = std::function<Result<void>(session::Account&, const Change&, db::Unit&)>;

    /// Hears of changes when they are on disk, on the account's home. An empty `node`: of all nodes.
    void on_change(std::string node, After hook) { after.emplace_back(std::move(node), std::move(hook)); }
    /// The same before: may refuse the change, or add what is written in the same transaction.
    void with_change(std::string node, Before hook) { before.emplace_back(std::move(node), std::move(hook)); }

    /// What a node of that name is made with where its maker says nothing else: registered in constructors.
    std::map<std::string, Config, std::less<>> defaults = {};
    /// Awaited before a client reads or changes the items of that node: a module may be about to write something there.
    std::map<std::string, std::function<Task<void>(Jid owner)>, std::less<>> before_use = {};
    std::vector<std::pair<std::string, After>> after = {};
    std::vector<std::pair<std::string, Before>> before = {};
};

}  // namespace aldis::modules::pubsub
