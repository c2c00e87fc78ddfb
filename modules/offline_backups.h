#pragma once

#include <string>
#include <vector>

#include "mod/module.h"

namespace aldis::modules::offline {

/// Stored as if their receivers were not here, and deleted when one of them has said that he has them: XEP-0198.
class Backups final : public session::Backups {
public:
    explicit Backups(mod::Context& context) : context_{context} { context.handlers().backups = this; }

    [[nodiscard]] std::shared_ptr<const session::Backup> make(session::Transit& transit) override;
    void taken(session::Account& account, const session::Backup& backup) override;
    void release(session::Account& account, const session::Backup& backup) override;
    [[nodiscard]] std::string save(const session::Backup& backup) override;
    [[nodiscard]] std::shared_ptr<const session::Backup> load(session::Account& account,
                                                              std::string_view saved) override;

private:
    void remove_taken();

    mod::Context& context_;
    struct Taken {
        std::string owner;
        std::int64_t id;
    };
    std::vector<Taken> taken_;  ///< in this turn
};

}  // namespace aldis::modules::offline
