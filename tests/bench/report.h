#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace load {

/// What a scenario found, in the order in which it was added; printed for people or as one JSON object.
class Report {
public:
    void add(std::string_view key, double value);
    void add(std::string_view key, std::string_view text);
    std::string text() const;
    std::string json() const;

private:
    struct Field {
        std::string key;
        std::string value;  ///< as JSON
    };
    std::vector<Field> fields_;
};

}  // namespace load
