#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "mod/module.h"
#include "modules/pubsub/config.h"
#include "modules/pubsub/directory.h"
#include "modules/pubsub/lines.h"
#include "modules/pubsub/nodes.h"
#include "modules/pubsub/notices.h"

namespace aldis::modules::pubsub {

class Interests;

/// How much a service takes.
struct Limits {
    std::size_t nodes = 0;
    std::size_t nodes_of_creator = 0;  ///< of a domain's service
    std::size_t items = 0;             ///< of one node
    std::size_t payload = 0;           ///< bytes
    std::size_t subscriptions = 0;     ///< of one node
    std::size_t affiliations = 0;      ///< of one node
    std::size_t subscriptions_in_all = 0;
    std::size_t affiliations_in_all = 0;
    std::size_t page = 0;  ///< items in one answer
    std::size_t page_bytes = 0;
    bool anyone_creates = false;  ///< nodes of a domain's service: else only the accounts of the domain
};

/// Who asks a service for something.
struct Caller {
    Jid from;                             ///< full or bare
    session::Session* session = nullptr;  ///< the asker's, if the nodes are those of its account
};

/// A service that somebody uses, and whose turn it is at one of its nodes.
class Use {
public:
    explicit Use(std::shared_ptr<Service> service, Lines::Ticket turn = {})
        : service_{std::move(service)}, turn_{std::move(turn)} {}
    Service* operator->() const { return service_.get(); }
    Service& operator*() const { return *service_; }

    /// He has done what others must not come before.
    void leave() const {
        if (turn_) turn_->leave();
    }

private:
    std::shared_ptr<Service> service_;
    Lines::Ticket turn_;
};

/// What the topics of publish-subscribe have in common: the nodes of one kind of services on one shard, who is who at
/// them, writing, and telling those who want to know.
class Core {
public:
    Core(mod::Context& context, Kind kind, Limits limits);
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;
    ~Core() = default;

    [[nodiscard]] mod::Context& context() const { return context_; }
    [[nodiscard]] Kind kind() const { return kind_; }
    [[nodiscard]] const Limits& limits() const { return limits_; }
    [[nodiscard]] Timestamp now() const { return context_.clock().now(); }
    [[nodiscard]] std::string new_id() const { return context_.random().token(12); }

    /// @param jid  an account's, or that of this service
    Task<Use> open(Jid jid);
    /// The same, when all have had their turn who came before because of the same node: what they ask for is decided in
    /// the order in which they came. The turn ends with commit(). Who has one must not open() this node again.
    Task<Use> open(Jid jid, std::string node);
    /// One after the other, of whatever else.
    [[nodiscard]] Lines& lines() { return lines_; }
    /// Whose nodes they are; null: a domain's.
    [[nodiscard]] session::Account* account(const Service& service) const;

    /// What he is at that node.
    [[nodiscard]] Standing standing(const Service& service, const Node& node, const Jid& who) const {
        return standing(service, node, who, account(service));
    }
    [[nodiscard]] Standing standing(const Service& service, const Node& node, const Caller& caller) const {
        return standing(service, node, caller.from);
    }
    [[nodiscard]] Affiliation affiliation(const Service& service, const Node& node, std::string_view bare) const;
    [[nodiscard]] std::vector<Jid> owners(const Service& service, const Node& node) const;

    /// May make nodes there; also, by publishing to one that is not there.
    [[nodiscard]] Result<void> may_create(const Service& service, const Caller& caller) const;
    /// For one more node that he makes.
    [[nodiscard]] bool has_room(const Service& service, const Caller& caller) const;
    /// Were the owners not asked yet, some time ago or ever, whether they approve him (whatever his resource is)?
    [[nodiscard]] bool asks_first(const Service& service, const Node& node, const Jid& who);
    /// An owner has decided: the next time it is a new question.
    void answered(const Service& service, const Node& node, const Jid& who);
    /// Makes a node in memory, and in the unit. @return  null: there are too many
    [[nodiscard]] Node* create(Service& service, const std::string& name, const Caller& caller, NodeConfig config,
                               db::Unit& unit) const;

    /// Lets modules see what is about to be: of accounts only.
    [[nodiscard]] Result<void> run_before(const Service& service, const Change& change, db::Unit& unit) const;
    /// Tells modules what has been.
    void run_after(const Use& service, const Change& change) const;

    /// Completes when the unit is on disk; the turn ends when it is on its way. `stored` is called then, also if nobody
    /// waits for it any more.
    Task<Result<void>> commit(Use service, db::Unit unit, std::move_only_function<void()> stored);

    /// Completes when what was written so far can be read.
    Task<void> settled(Use service);

    /// All who are to hear of something at that node: who has subscribed, who takes an interest, and the owner.
    [[nodiscard]] std::vector<Jid> audience(const Use& service, const Node& node) const;
    /// Sends it to them, unless the node keeps quiet.
    void tell(const Use& service, const Node& node, const event::Event& event) const;
    void tell(const std::vector<Jid>& whom, const Notice& notice) const;
    void tell(const Jid& whom, const Notice& notice) const;

private:
    [[nodiscard]] bool is_resource_here(const Jid& jid) const;
    [[nodiscard]] Standing standing(const Service& service, const Node& node, const Jid& who,
                                    const session::Account* account) const;
    [[nodiscard]] bool listens(const Service& service, const Node& node, const Jid& who, const Subscriber& subscriber,
                               const session::Account* account) const;

    mod::Context& context_;
    Kind kind_;
    Limits limits_;
    Directory directory_;
    Lines lines_;
    Registry& registry_;
    std::unordered_map<std::string, Instant> asked_;  ///< the owners, for whom and when
    Interests* interests_;                            ///< null: the nodes are a domain's
    std::string domain_;                              ///< whose accounts may make nodes
};

/// An empty result.
[[nodiscard]] inline mod::Reply done() { return xml::Document{}; }
/// A result with a payload.
template <xml::Described T>
[[nodiscard]] mod::Reply reply(const T& payload) {
    return xml::build(payload);
}

}  // namespace aldis::modules::pubsub
