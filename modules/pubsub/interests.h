#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "jid/jid.h"

namespace aldis::modules::pubsub {

/// Names of nodes, sorted, each once: what a client announces with "+notify" (XEP-0060 "Filtered Notifications").
using NodeSet = std::vector<std::string>;
using Wanted = std::shared_ptr<const NodeSet>;

/// Who is to hear of the nodes of the accounts of one host that have their home on this shard: host.slot<Interests>().
/// XEP-0163 "Receiving Event Notifications": resources of those who are subscribed to the owner's presence, and the
/// owner's own, as far as their clients want the node. Blocking and the access models of nodes are not looked at here.
///
/// It is told by the homes of those who want something, for owners that need not be in memory. One pointer for each
/// owner and watcher stands at each of the two.
class Interests {
public:
    Interests() = default;
    Interests(const Interests&) = delete;
    Interests& operator=(const Interests&) = delete;
    ~Interests() = default;

    /// From now on, that resource (a full JID) wants these nodes of these owners (bare JIDs), and of nobody else here.
    void set(const Jid& full, const Wanted& nodes, const std::vector<Jid>& owners);
    /// Of one more owner.
    void add(const Jid& full, const Wanted& nodes, const Jid& owner);
    /// Nothing of this one any more.
    void remove(const Jid& full, const Jid& owner);
    /// Nothing of anybody any more.
    void forget(const Jid& full);

    /// Does this resource want anything here?
    [[nodiscard]] bool wants_any(const Jid& full) const { return watchers_.contains(full); }

    /// Calls `use(const Jid& full)` for each resource that wants that node of the owner. It costs as much as there are
    /// kinds of clients that watch the owner, and those that are named.
    template <class Use>
    void for_each(const Jid& owner, std::string_view node, Use&& use) {
        note(owner, node);
        const auto place = owners_.find(owner);
        if (place == owners_.end()) return;
        const Visit visit{*this};
        const std::vector<const Watcher*>& watchers = place->second.watchers;
        for (auto first = watchers.begin(); first != watchers.end();) {
            const Kind* const kind = (*first)->kind;
            const auto last = std::upper_bound(first, watchers.end(), kind, [](const Kind* one, const Watcher* other) {
                return std::less{}(one, other->kind);
            });
            if (std::ranges::binary_search(*kind->nodes, node, std::less{}))
                for (; first != last; ++first) use((*first)->jid());
            first = last;
        }
    }

    /// Something is being read that is older than what is told meanwhile. @return what to ask told_since() with
    [[nodiscard]] std::uint64_t begin_reading();
    void end_reading(std::uint64_t since);
    /// Has for_each() been called for this node since then? It may say so without need if there was too much to
    /// remember.
    [[nodiscard]] bool told_since(std::uint64_t since, const Jid& owner, std::string_view node) const;

    /// How much there is, for tests and measurements.
    [[nodiscard]] std::size_t owners() const { return owners_.size(); }
    [[nodiscard]] std::size_t watchers() const { return watchers_.size(); }
    [[nodiscard]] std::size_t kinds() const { return kinds_.size(); }

private:
    /// A set of nodes, and how many watchers have it: most clients are one of a few kinds.
    struct Kind {
        Wanted nodes;
        std::size_t watchers = 0;
    };
    struct Watcher;
    struct Owner {
        std::vector<const Watcher*> watchers;  ///< by kind, then address in memory
    };
    using OwnerEntry = std::pair<const Jid, Owner>;
    struct Watcher {
        const Jid* full = nullptr;  ///< its key
        Kind* kind = nullptr;
        std::vector<OwnerEntry*> owners;

        [[nodiscard]] const Jid& jid() const { return *full; }
    };
    struct ByNodes {
        using is_transparent = void;
        static const NodeSet& of(const std::unique_ptr<Kind>& kind) { return *kind->nodes; }
        static const NodeSet& of(const NodeSet& nodes) { return nodes; }
        bool operator()(const auto& one, const auto& other) const { return of(one) < of(other); }
    };
    /// While it lasts, what is to be changed waits: a resource that is sent something may go with it.
    class Visit {
    public:
        explicit Visit(Interests& interests) : interests_{interests} { ++interests_.visits_; }
        Visit(const Visit&) = delete;
        Visit& operator=(const Visit&) = delete;
        ~Visit();

    private:
        Interests& interests_;
    };

    Kind* kind_of(const Wanted& nodes);
    void drop(Kind& kind);
    Watcher& watcher_of(const Jid& full, const Wanted& nodes);
    void connect(Watcher& watcher, const Jid& owner);
    void disconnect(const Watcher& watcher, OwnerEntry& owner);
    void erase(std::unordered_map<Jid, Watcher>::iterator place);
    void note(const Jid& owner, std::string_view node);
    [[nodiscard]] static std::size_t key_of(const Jid& owner, std::string_view node);
    [[nodiscard]] static bool before(const Watcher* one, const Watcher* other);

    std::unordered_map<Jid, Owner, BareHash, SameBare> owners_;
    std::unordered_map<Jid, Watcher> watchers_;
    std::set<std::unique_ptr<Kind>, ByNodes> kinds_;
    std::size_t visits_ = 0;
    std::vector<std::function<void()>> waiting_;  ///< for visits to end

    struct Told {
        std::uint64_t number;
        std::size_t key;
    };
    std::uint64_t last_told_ = 0;
    std::uint64_t unknown_until_ = 0;      ///< what was told before that is forgotten
    std::vector<Told> told_;               ///< as long as somebody reads
    std::vector<std::uint64_t> readings_;  ///< since when; the oldest first
};

}  // namespace aldis::modules::pubsub
