#include "stream_management.h"

#include "scanner.h"

namespace load {

bool StreamManagement::enabled(std::string_view tag) {
    const std::string_view resumable = attribute(tag, "resume");
    received_ = 0;
    id_.clear();
    if (is_named(tag, "enabled") && (resumable == "true" || resumable == "1")) id_ = attribute(tag, "id");
    return can_resume();
}

void StreamManagement::count(std::string_view element) {
    if (!can_resume()) return;
    if (is_named(element, "message") || is_named(element, "presence") || is_named(element, "iq")) ++received_;
}

std::string StreamManagement::resume() const {
    return "<resume xmlns='urn:xmpp:sm:3' h='" + std::to_string(received_) + "' previd='" + id_ + "'/>";
}

std::string StreamManagement::acknowledgement() const {
    return "<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(received_) + "'/>";
}

bool StreamManagement::resumed(std::string_view tag) const {
    return is_named(tag, "resumed") && attribute(tag, "previd") == id_ && !attribute(tag, "h").empty();
}

}  // namespace load
