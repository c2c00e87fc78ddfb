#pragma once

#include <string_view>

#include "db/archive_prefs.h"
#include "session/contacts.h"
#include "stanza/stanza.h"

/// What an account's archive keeps: XEP-0313 "User Archives", XEP-0334, XEP-0441. No side effects.
namespace aldis::modules::mam {

struct Verdict {
    bool yes;
    std::string_view why;  ///< for the log
};

/// Is there anything in the message that somebody would look for later? Conversations are kept, and what changes the
/// view of one (receipts, markers, corrections, reactions ...), so that a device that was away sees the same as the
/// others.
[[nodiscard]] Verdict should_keep(const Message& message);

/// By what others call the message: its id, for retractions (XEP-0424 "Using the correct ID"), else the origin-id, by
/// which it is recognised when it is sent again; empty where there is neither. Lives as long as the message.
[[nodiscard]] std::string_view name_of(const Message& message);

/// Does the owner want messages to and from this address archived? XEP-0441 "JID matching"; who is on both lists is
/// not.
[[nodiscard]] bool wants(const db::ArchivePreferences& preferences, const Jid& peer, const session::Contacts& contacts);

}  // namespace aldis::modules::mam
