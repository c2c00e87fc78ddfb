#pragma once

#include <cstdint>

#include "base/random.h"
#include "cli/admin_actions.h"
#include "config/config.h"
#include "db/stores.h"

namespace aldis::cli {

/// The actions on the store itself; each has been committed when it returns. A running server derives from it and ends
/// the sessions of accounts that may no longer have any.
class StoreActions : public AdminActions {
public:
    StoreActions(db::Stores& stores, const config::Config& config, const Clock& clock, Random& random);

    Outcome add_user(const Jid& account, std::string_view password) override;
    Outcome set_password(const Jid& account, std::string_view password) override;
    Outcome remove_user(const Jid& account) override;
    Outcome set_disabled(const Jid& account, bool disabled) override;
    std::expected<AccountPage, Outcome> list_users(std::string_view domain, std::string_view after) override;
    std::expected<std::vector<SessionInfo>, Outcome> sessions(const Jid& account) override;
    Outcome kick(const Jid& whom) override;
    std::expected<ReportPage, Outcome> list_reports(bool resolved_too, std::int64_t before) override;
    std::expected<db::Report, Outcome> report(std::int64_t number) override;
    Outcome resolve_report(std::int64_t number) override;

protected:
    [[nodiscard]] bool exists(const Jid& account) const;
    /// The account was deleted, disabled or has a new password: whoever is logged in should not be any more. Called on
    /// the thread of the action, after the commit.
    virtual void end_sessions(const Jid& account) { static_cast<void>(account); }

private:
    [[nodiscard]] std::optional<Outcome> not_ours(std::string_view domain) const;
    /// @return  the keys as they are stored, or why there are none
    [[nodiscard]] std::expected<std::string, Outcome> credentials_of(std::string_view password);

    db::Stores& stores_;
    std::vector<std::string> domains_;
    std::uint32_t iterations_;
    const Clock& clock_;
    Random& random_;
};

}  // namespace aldis::cli
