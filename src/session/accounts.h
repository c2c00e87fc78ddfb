#pragma once

#include <cstdint>
#include <string>

#include "base/task.h"
#include "jid/jid.h"

namespace aldis::session {

class Home;

// Changes of accounts on behalf of clients: each is on disk when it is done with. Passwords are prepared (RFC 8265);
// what they cost is paid on another thread. All throw db::Error.

/// @return  false: the name is taken
Task<bool> make_account(Home& home, Jid account, std::string password);
/// No token of the account is valid any more (XEP-0484).
/// @param client  the id of the user agent that has shown the new password; empty: none
/// @return        false: there is no such account
Task<bool> change_password(Home& home, Jid account, std::string password, std::string client);
Task<bool> is_password(Home& home, Jid account, std::string password);
/// With everything it owns. @return  false: there was no such account
Task<bool> remove_account(Home& home, Jid account);
/// What others have written for an account that was removed meanwhile.
Task<void> remove_leftovers(Home& home, Jid account);

}  // namespace aldis::session
