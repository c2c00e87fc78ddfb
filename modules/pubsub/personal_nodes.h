#pragma once

#include "modules/pubsub/core.h"

namespace aldis::modules::pubsub {

/// What other modules ask of the nodes of accounts.
class PersonalNodes final : public Nodes {
public:
    explicit PersonalNodes(Core& core) : core_{core} {}

    Task<Result<std::vector<Item>>> items(Jid owner, std::string node, std::size_t newest) override;
    Task<Result<std::optional<Item>>> item(Jid owner, std::string node, std::string id) override;
    Task<Result<std::string>> publish(Jid owner, std::string node, Item item, PublishOptions options) override;
    Task<Result<void>> retract(Jid owner, std::string node, std::string id, bool notify) override;
    Task<Result<void>> remove(Jid owner, std::string node) override;
    Task<Result<void>> configure(Jid owner, std::string node, Config config) override;
    Task<bool> may_see(Jid owner, std::string node, Jid viewer) override;

private:
    Core& core_;
};

}  // namespace aldis::modules::pubsub
