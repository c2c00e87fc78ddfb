#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "db/reports.h"
#include "jid/jid.h"

namespace aldis::cli {

/// How an action ended. The text is for the operator who asked.
struct Outcome {
    enum class Status : std::uint8_t {
        done,
        exists,     ///< there is such an account already
        not_found,  ///< there is no such account
        refused,    ///< not a domain of ours, not a password
        failed,     ///< the store could not do it
    };
    Status status = Status::done;
    std::string text = {};

    [[nodiscard]] bool good() const { return status == Status::done; }
};

/// An account as `aldis user list` shows it.
struct Account {
    std::string jid;
    bool disabled = false;
    Timestamp created_at{};
};

/// Some accounts of a domain in the order of their addresses.
struct AccountPage {
    std::vector<Account> accounts;
    bool complete = true;
};

/// A session as `aldis user sessions` shows it.
struct SessionInfo {
    std::string resource;
    bool connected = true;      ///< false: it waits to be resumed (XEP-0198)
    bool available = false;     ///< has sent presence
    std::int64_t priority = 0;  ///< of that
    std::string address = {};   ///< these: empty where it is not connected, or not known
    std::string tls = {};
    std::string mechanism = {};
    std::string client = {};  ///< what it says it is (XEP-0388)
    std::chrono::seconds idle{0};
};

/// Some reports, the newest first, without evidence.
struct ReportPage {
    std::vector<db::Report> reports;
    bool complete = true;
};

/// What an operator can do to accounts: on the store, or through the socket of the running server. Accounts are bare
/// JIDs with a localpart.
class AdminActions {
public:
    virtual ~AdminActions() = default;
    virtual Outcome add_user(const Jid& account, std::string_view password) = 0;
    virtual Outcome set_password(const Jid& account, std::string_view password) = 0;
    virtual Outcome remove_user(const Jid& account) = 0;
    virtual Outcome set_disabled(const Jid& account, bool disabled) = 0;
    /// @param domain  empty: all domains, one after the other
    /// @param after   the last JID of the page before, or empty
    virtual std::expected<AccountPage, Outcome> list_users(std::string_view domain, std::string_view after) = 0;
    virtual std::expected<std::vector<SessionInfo>, Outcome> sessions(const Jid& account) = 0;
    /// Ends a session, or all of an account.
    /// @param whom  with a resource or without
    virtual Outcome kick(const Jid& whom) = 0;

    // XEP-0377.
    /// @param before  the last number of the page before, or 0
    virtual std::expected<ReportPage, Outcome> list_reports(bool resolved_too, std::int64_t before) = 0;
    virtual std::expected<db::Report, Outcome> report(std::int64_t number) = 0;
    virtual Outcome resolve_report(std::int64_t number) = 0;
};

}  // namespace aldis::cli
