#pragma once

#include "modules/pubsub/topics.h"

namespace aldis::modules::pubsub {

/// Takes what is asked of one kind of services to its topic.
class Requests {
public:
    Requests(mod::Context& context, Kind kind, const Limits& limits);
    Requests(const Requests&) = delete;
    Requests& operator=(const Requests&) = delete;
    ~Requests() = default;

    [[nodiscard]] Core& core() { return core_; }

private:
    void listen(mod::For target);
    void listen_for_nobody();
    Task<mod::Reply> get(mod::Request request, Pubsub asked);
    Task<mod::Reply> set(mod::Request request, Pubsub asked);
    Task<mod::Reply> owner_get(mod::Request request, Owner asked);
    Task<mod::Reply> owner_set(mod::Request request, Owner asked);
    // As of an account that has no nodes.
    mod::Reply get_of_nobody(const mod::Request& request, Pubsub asked);
    mod::Reply set_of_nobody(const mod::Request& request, Pubsub asked);
    mod::Reply owner_get_of_nobody(const mod::Request& request, Owner asked);
    mod::Reply owner_set_of_nobody(const mod::Request& request, Owner asked);
    Task<Result<std::optional<xep::disco::Info>>> info(mod::Request request, xep::disco::Info query);
    Task<Result<std::optional<xep::disco::Items>>> items(mod::Request request, xep::disco::Items query);

    [[nodiscard]] Jid service_of(const mod::Request& request) const;
    [[nodiscard]] static Caller caller_of(const mod::Request& request);

    Core core_;
};

}  // namespace aldis::modules::pubsub
