#pragma once
#include "sessions.h"

namespace load {

/// Makes every user and their `options.roster` nearest neighbours (by number, in a ring) mutual contacts, by asking and
/// agreeing as clients do (RFC 6121 section 3). Who is one already is left alone.
/// @throws std::runtime_error  not all subscriptions were agreed to in time
void make_contacts(Sessions& sessions);

/// The same for the first user and everybody else.
void make_contacts_of_first(Sessions& sessions);

}  // namespace load
