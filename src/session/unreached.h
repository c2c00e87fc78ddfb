#pragma once

#include "stanza/stanza.h"
#include "xep/xep0012_last_activity.h"

namespace aldis::session {

/// What somebody hears who asks a resource and has no subscription to the presence of its account, nor was told of it:
/// the same whether the resource, or the account, is there or not.
inline stanza::Error unreached(const Iq& request) {
    const xml::Element* const payload = request.payload();
    // XEP-0012 "Online User Query": "MUST return a <forbidden/> error".
    if (request.type() == IqType::get && payload != nullptr && payload->is(xep::LastActivity::schema.name))
        return {Condition::forbidden, ErrorType::auth, {}};
    return {Condition::service_unavailable, ErrorType::cancel, {}};
}

}  // namespace aldis::session
