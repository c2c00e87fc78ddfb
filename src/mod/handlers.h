#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/task.h"
#include "mod/phase.h"
#include "session/slots.h"
#include "stanza/stanza.h"

namespace aldis::db {
class Connection;
enum class Subscription : std::uint8_t;
}  // namespace aldis::db
namespace aldis::session {
class Account;
class Backups;
class Host;
class Session;
struct Tracked;
struct Transfer;
struct Transit;
}  // namespace aldis::session

namespace aldis::mod {

/// A request that is to be answered. All of it lives until the handler has returned, also across co_await: a handler
/// whose session goes away meanwhile is destroyed where it waits.
struct Request {
    const Iq* iq;
    session::Host* host;
    session::Account* account = nullptr;  ///< whose address was asked; the server has none
    session::Session* session = nullptr;  ///< the sender's, if it is the account's own
};

/// What is put into the result: nothing where it is empty.
using Reply = Result<xml::Document>;

struct IqHandler {
    std::function<Reply(const Request&)> now = nullptr;   ///< either answers at once ...
    std::function<Task<Reply>(Request)> later = nullptr;  ///< ... or may wait
    bool silent = false;                                  ///< `now` answers by itself, later, unless it refuses
};

struct IqKey {
    For target;
    IqType type;
    std::string ns;
    std::string local;
    friend auto operator<=>(const IqKey&, const IqKey&) = default;
};

struct ElementKey {
    std::string ns;
    std::string local;
    friend auto operator<=>(const ElementKey&, const ElementKey&) = default;
};

/// One of an entity's identities: XEP-0030.
struct Identity {
    std::string category;
    std::string type;
    std::string name;
    friend auto operator<=>(const Identity&, const Identity&) = default;
};

/// What a disco#info of one kind of address says.
struct Disco {
    std::set<Identity> identities;
    std::set<std::string> features;
    std::vector<xml::Document> forms;  ///< XEP-0128
};

using MessageHandler = std::function<Step(session::Transit&)>;
/// May refuse what somebody asks for, or drop it without a word.
using RequestHandler = std::function<Step(session::Account&, const Presence&)>;
/// May amend what is told to others.
using PresenceHandler = std::function<void(session::Session&, Presence&)>;
using SubscriptionHandler =
    std::function<void(session::Account&, const Jid& contact, db::Subscription before, db::Subscription after)>;
/// Takes what is sent to a service: see Context::on_stanza.
using TransferHandler = std::function<void(session::Transfer&)>;
using SessionHandler = std::function<void(session::Session&)>;
using ElementHandler = std::function<void(session::Session&, const xml::Element&)>;
using AcknowledgedHandler = std::function<void(session::Session&, const session::Tracked&)>;
/// May add to what Bind 2 answers with.
using BoundHandler = std::function<Task<void>(session::Session&, xml::Document& bound)>;
/// What a module knows of a session that is to be resumed after a restart: XEP-0198.
struct Keeper {
    std::function<std::string(session::Session&)> save;
    std::function<void(session::Session&, std::string_view saved)> load;
};
using GoneHandler = std::function<void(session::Account&, const Presence* said)>;
/// Runs off the shard while an account is loaded; what it returns becomes a slot of the account.
using Loader = std::function<std::unique_ptr<session::SlotBase>(db::Connection&, const std::string& owner)>;

/// Answers who has not logged in: XEP-0077.
using StrangerHandler = std::function<Task<Reply>(std::shared_ptr<const Iq> request, std::string address)>;

/// Everything that the modules of one host have registered on one shard.
struct Handlers {
    std::array<std::vector<MessageHandler>, 2 * phases> messages;
    std::map<IqKey, IqHandler> iqs;
    std::array<Disco, 4> disco;                          ///< by For; own_account and account are kept the same
    std::vector<SessionHandler> available;               ///< a resource has sent initial presence
    std::vector<PresenceHandler> presences;              ///< a resource tells that it is available
    std::vector<SessionHandler> unavailable;             ///< a resource is not available any more
    std::vector<RequestHandler> requests;                ///< somebody asks for a subscription
    std::vector<SubscriptionHandler> subscriptions;      ///< one has changed
    session::Backups* backups = nullptr;                 ///< may be nobody
    TransferHandler stanza;                              ///< of a service: what nobody else handles
    std::vector<GoneHandler> last_gone;                  ///< the last available resource of an account has gone
    std::map<ElementKey, ElementHandler> elements;       ///< children of a bound stream that are no stanzas
    std::map<ElementKey, ElementHandler> inlined;        ///< the same inside Bind 2's <bind/>
    std::vector<std::string> inline_features;            ///< XEP-0386: what can be asked for there
    std::vector<BoundHandler> bound;                     ///< a resource was bound by Bind 2
    std::vector<AcknowledgedHandler> acknowledged;       ///< a client has a message that somebody tracks
    std::map<std::string, Keeper, std::less<>> keepers;  ///< by the name of the module
    StrangerHandler stranger;  ///< what is asked before the login, with the asker's IP address
    std::vector<Loader> loaders;
    std::vector<std::function<void()>> ready;  ///< all modules are there, nothing has passed yet
    std::string caps_node;                     ///< XEP-0115: what the disco#info of the server is also known as

    [[nodiscard]] std::vector<MessageHandler>& of(Direction direction, Phase phase) {
        return messages[static_cast<std::size_t>(direction) * phases + static_cast<std::size_t>(phase)];
    }
    [[nodiscard]] Disco& disco_of(For target) { return disco[static_cast<std::size_t>(target)]; }
};

}  // namespace aldis::mod
