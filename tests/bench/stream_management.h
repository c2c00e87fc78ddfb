#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace load {

/// The client's side of XEP-0198: what it must remember to take up a session again after its connection broke. Clients
/// of this tool send nothing that they would have to send once more, so only what they receive is counted.
class StreamManagement {
public:
    static constexpr std::string_view enable = "<enable xmlns='urn:xmpp:sm:3' resume='true'/>";

    /// @return  whether the session can be resumed from now on
    bool enabled(std::string_view tag);
    /// Counts what counts: stanzas, once it is enabled.
    void count(std::string_view element);
    bool can_resume() const { return !id_.empty(); }
    /// <resume/>
    std::string resume() const;
    /// The answer to <r/>.
    std::string acknowledgement() const;
    /// Whether this <resumed/> is the answer to resume().
    bool resumed(std::string_view tag) const;

private:
    std::string id_;  ///< empty: not enabled
    std::uint32_t received_ = 0;
};

}  // namespace load
