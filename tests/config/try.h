#pragma once

#include <gmock/gmock.h>

#include "config/load.h"

namespace aldis::config::test {

using std::chrono::days;

struct MamSettings {
    std::uint32_t largest_page = 250;
    days keep_for{0};
    std::string token = "s3cret";

    static constexpr auto fields =
        config::fields(field<&MamSettings::largest_page>("largest_page", at_least(1), doc("Messages in a page.")),
                       field<&MamSettings::keep_for>("keep_for", doc("How long messages are kept; 0 is for ever.")),
                       field<&MamSettings::token>("token", secret(), doc("For nobody's eyes.")));
};

inline constexpr std::array modules = {ModuleSchema{"mam", "The archive.", &schema_of<MamSettings>},
                                       ModuleSchema{"ping", "Answers pings.", nullptr}};

inline Loaded try_text(std::string text, Environment environment = {}) {
    environment.try_emplace("ALDIS_SERVER_DATA_DIR", "/data");
    return load(
        {.file = "aldis.toml", .text = std::move(text), .environment = std::move(environment), .modules = modules});
}

inline std::vector<std::string> texts(const std::vector<Problem>& problems) {
    std::vector<std::string> result;
    for (const Problem& problem : problems) result.push_back(problem.text());
    return result;
}

}  // namespace aldis::config::test
