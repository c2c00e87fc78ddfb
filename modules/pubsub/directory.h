#pragma once

#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/task.h"
#include "mod/module.h"
#include "modules/pubsub/node.h"

namespace aldis::modules::pubsub {

/// The nodes of the services that are in use on this shard. What is in memory is ahead of what is on disk by what is on
/// its way there; a service whose write failed is read again.
class Directory {
public:
    /// @param most  how many services and nodes are kept in memory when nobody uses them
    Directory(mod::Context& context, std::size_t most) : context_{context}, most_{most} {}
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    ~Directory() = default;

    /// The service, from memory or from disk. It stays as long as it is held. Those who wait for the disk go on in the
    /// order in which they came.
    Task<std::shared_ptr<Service>> open(Jid jid);
    /// It is read again when it is asked for next.
    void forget(const Jid& jid);
    /// The same for all, if an account was removed since this was last called: who gets its address next must not be
    /// what it was.
    void forget_removed();
    /// The same, when the account is forgotten.
    void forget_with(session::Account& account);

private:
    struct Entry {
        std::shared_ptr<Service> service;
        std::size_t weight = 0;
        std::list<Jid>::iterator place;
    };
    /// What becomes of reading a service.
    struct Opened {
        std::shared_ptr<Service> service;
        std::exception_ptr fault = {};
    };
    using Answer = std::function<void(Opened)>;

    std::shared_ptr<Service> find(const Jid& jid);
    Task<void> read(Jid jid);
    Task<std::shared_ptr<Service>> load(Jid jid);
    void make_room();

    mod::Context& context_;
    std::size_t most_;
    std::size_t weight_ = 0;
    std::uint64_t removals_ = 0;
    std::unordered_map<Jid, Entry> entries_;
    std::unordered_map<Jid, std::vector<Answer>> opening_;  ///< who waits, as they came
    std::list<Jid> order_;                                  ///< who was used last comes first
};

}  // namespace aldis::modules::pubsub
