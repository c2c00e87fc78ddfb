#pragma once

#include <string>
#include <string_view>

#include "cli/admin_actions.h"

/// What is spoken on the admin socket: one JSON object per line each way, requests answered in order.
///
///     {"do":"user.add","jid":"romeo@localhost","password":"..."}      {"status":"done","text":"..."}
///     {"do":"user.list","domain":"","after":""}                       {"status":"done","users":[...],"complete":true}
///
///     {"do":"user.sessions","jid":"romeo@localhost"}                  {"status":"done","sessions":[...]}
///
///     {"do":"report.list","all":false,"before":0} {"status":"done","reports":[...],"complete":true}
///     {"do":"report.show","number":7}                                 {"status":"done","report":{...}}
///
/// and report.resolve with "number"; user.passwd, user.delete, user.disable, user.enable, user.kick with "jid". Status
/// is done, exists, not-found, refused or failed.
namespace aldis::cli {

/// A longer line ends the connection.
inline constexpr std::size_t longest_request = 16 * 1024;
inline constexpr std::size_t longest_reply = 1024 * 1024;

/// The server's side: carries out one request. Never throws: what goes wrong is said in the reply.
/// @param line  without its line feed
/// @return      the reply, without line feed
[[nodiscard]] std::string answer(std::string_view line, AdminActions& actions) noexcept;

/// The client's side: every action becomes a request.
class RemoteActions : public AdminActions {
public:
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
    /// Sends a line and waits for the answer, both without line feed.
    /// @throws std::system_error
    virtual std::string exchange(const std::string& line) = 0;
};

}  // namespace aldis::cli
