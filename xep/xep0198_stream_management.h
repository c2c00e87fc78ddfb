#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "xep/fields.h"
#include "xml/schema.h"

/// XEP-0198: Stream Management 1.6.3
namespace aldis::xep::sm {

inline constexpr std::string_view ns = "urn:xmpp:sm:3";

/// The stream feature; also what stands in SASL2's <inline/> where resuming is possible there.
struct Feature {
    static constexpr auto schema = xml::element(ns, "sm");
};

struct Enable {
    bool resume = false;                    ///< the session is to outlive its stream
    std::optional<std::uint32_t> max = {};  ///< seconds

    static constexpr auto schema = xml::element(ns, "enable", xml::attribute_or<&Enable::resume>("resume", false),
                                                xml::attribute<&Enable::max>("max"));
};

struct Enabled {
    std::optional<std::string> id = {};  ///< for Resume; a secret
    bool resume = false;
    std::optional<std::uint32_t> max = {};     ///< seconds
    std::optional<std::string> location = {};  ///< where to reconnect: "host:port"

    static constexpr auto schema = xml::element(
        ns, "enabled", xml::attribute<&Enabled::id>("id"), xml::attribute_or<&Enabled::resume>("resume", false),
        xml::attribute<&Enabled::max>("max"), xml::attribute<&Enabled::location>("location"));
};

struct Resume {
    std::uint32_t h = 0;  ///< stanzas that the client has handled
    std::string previd;   ///< Enabled::id

    static constexpr auto schema =
        xml::element(ns, "resume", xml::attribute<&Resume::h>("h"), xml::attribute<&Resume::previd>("previd"));
};

struct Resumed {
    std::uint32_t h = 0;  ///< stanzas that the server has handled
    std::string previd;

    static constexpr auto schema =
        xml::element(ns, "resumed", xml::attribute<&Resumed::h>("h"), xml::attribute<&Resumed::previd>("previd"));
};

/// Answers Enable and Resume.
struct Failed {
    std::optional<Condition> condition = {};
    std::optional<std::uint32_t> h = {};  ///< what had been handled when the session ended, where that is known

    static constexpr auto schema = xml::element(ns, "failed", xml::attribute<&Failed::h>("h"),
                                                name_in<&Failed::condition>("urn:ietf:params:xml:ns:xmpp-stanzas"));
};

/// Tells how many stanzas have been handled, modulo 2^32.
struct Answer {
    std::uint32_t h = 0;

    static constexpr auto schema = xml::element(ns, "a", xml::attribute<&Answer::h>("h"));
};

/// Asks for an Answer.
struct Request {
    static constexpr auto schema = xml::element(ns, "r");
};

/// In the stream error undefined-condition: more was acknowledged than sent.
struct HandledCountTooHigh {
    std::optional<std::uint32_t> h = {};
    std::optional<std::uint32_t> send_count = {};

    static constexpr auto schema =
        xml::element(ns, "handled-count-too-high", xml::attribute<&HandledCountTooHigh::h>("h"),
                     xml::attribute<&HandledCountTooHigh::send_count>("send-count"));
};

}  // namespace aldis::xep::sm
