#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xml/schema.h"

/// XEP-0480: SASL Upgrade Tasks 0.2.0
namespace aldis::xep::upgrade {

inline constexpr std::string_view ns = "urn:xmpp:sasl:upgrade:0";
inline constexpr std::string_view scram_ns = "urn:xmpp:scram-upgrade:0";
/// Begins the name of a task; the mechanism's name follows, without -PLUS.
inline constexpr std::string_view task_prefix = "UPGR-";

/// In SASL2's feature: can be done. In its <authenticate/>: is wanted. Any number of times in both.
struct Upgrade {
    std::string task;

    static constexpr auto schema = xml::element(ns, "upgrade", xml::text<&Upgrade::task>());
};

/// The tasks that `authenticate` (or what stood in it) asks for.
[[nodiscard]] inline std::vector<std::string> tasks_of(const xml::Element& authenticate) {
    std::vector<std::string> tasks;
    for (const xml::Element& child : authenticate.children())
        if (child.is(Upgrade::schema.name)) tasks.emplace_back(xml::trim(child.text_view()));
    return tasks;
}

/// In SASL2's <task-data/>: with what to make a salted password.
struct Salt {
    std::uint32_t iterations = 0;
    std::string salt;  ///< base64

    static constexpr auto schema =
        xml::element(scram_ns, "salt", xml::attribute<&Salt::iterations>("iterations"), xml::text<&Salt::salt>());
};

/// The answer.
struct Hash {
    std::string salted_password;  ///< base64

    static constexpr auto schema = xml::element(scram_ns, "hash", xml::text<&Hash::salted_password>());
};

}  // namespace aldis::xep::upgrade
