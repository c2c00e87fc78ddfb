#pragma once

#include <functional>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "db/vcards.h"
#include "jid/jid.h"

namespace aldis::session {
class Account;
}

/// An account's vCard, for the modules that show the same profile in another form.
namespace aldis::modules::vcard {

/// account.slot<Known>(): read when the account is.
struct Known {
    db::Visibility visibility = db::Visibility::everyone;
    bool unfinished = false;  ///< the vCard has changed, and what follows it may not have
    bool unhidden = false;    ///< the same of the visibility
};

/// host.slot<Registry>(): modules register in their constructors.
struct Registry {
    /// The account's vCard is another one, on disk: makes something else agree with it, or sees that it does. The
    /// change is answered when all of them are done.
    std::vector<std::function<Task<Result<void>>(Jid owner)>> followers;
    /// The account wants others to see its profile, from now on. On disk; the change is answered when they are done.
    std::vector<std::function<Task<void>(Jid owner, db::Visibility visibility)>> hiders;
};

/// The access model (XEP-0060) of nodes that are shown to these.
[[nodiscard]] constexpr std::string_view access_model(db::Visibility visibility) {
    switch (visibility) {
        case db::Visibility::everyone: return "open";
        case db::Visibility::subscribers: return "presence";
        case db::Visibility::nobody: return "whitelist";
    }
    return "whitelist";
}

}  // namespace aldis::modules::vcard
