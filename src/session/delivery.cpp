#include "session/delivery.h"

namespace aldis::session {

Audience audience(MessageType type, bool to_bare, const Presences& presences) {
    if (!to_bare && presences.exact) return Audience::exact;  // 8.5.3.1
    switch (type) {
        case MessageType::error: return Audience::nobody;
        case MessageType::groupchat: return Audience::refused;
        case MessageType::headline:
            if (!to_bare) return Audience::nobody;
            return presences.non_negative ? Audience::non_negative : Audience::nobody;
        case MessageType::normal:
            // 8.5.3.2.1 leaves normal messages for a resource that has gone to be dropped or refused; refusing loses
            // nothing silently.
            if (!to_bare) return Audience::refused;
            break;
        case MessageType::chat: break;  // to a resource that has gone: as if to the bare address
    }
    return presences.non_negative ? Audience::non_negative : Audience::fall_back;
}

Audience audience(PresenceType type, bool to_bare, const Presences& presences) {
    if (!to_bare && presences.exact) return Audience::exact;
    if (!to_bare) return Audience::nobody;  // 8.5.3.2.2
    if (type == PresenceType::error || type == PresenceType::probe) return Audience::nobody;
    return presences.available ? Audience::available : Audience::nobody;
}

Audience audience(IqType type, bool to_bare, const Presences& presences) {
    const bool request = type == IqType::get || type == IqType::set;
    if (to_bare) return request ? Audience::account : Audience::nobody;
    if (presences.exact) return Audience::exact;
    return request ? Audience::refused : Audience::nobody;  // 8.5.3.2.3
}

}  // namespace aldis::session
