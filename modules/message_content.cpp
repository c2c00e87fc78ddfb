#include "modules/message_content.h"

#include "xep/xep0085_chat_states.h"
#include "xep/xep0203_delay.h"
#include "xep/xep0334_hints.h"
#include "xep/xep0359_stanza_ids.h"
#include "xep/xep0424_retraction.h"

namespace aldis::modules {

bool is_fleeting(const xml::Element& child) {
    return child.ns() == xep::chat_states_ns || child.ns() == xep::hints::ns || child.ns() == xep::stanza_ids_ns ||
           child.is({xml::client_ns, "thread"}) || child.is(xep::Delay::schema.name);
}

bool is_chat_state_alone(const Message& message) {
    bool state = false;
    for (const xml::Element& child : message.element().children()) {
        if (!is_fleeting(child)) return false;
        state = state || child.ns() == xep::chat_states_ns;
    }
    return state;
}

bool is_retraction(const Message& message) {
    return message.element().child(xep::retraction::Retract::schema.name) != nullptr;
}

}  // namespace aldis::modules
