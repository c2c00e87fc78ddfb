#include "report.h"

#include <cmath>
#include <cstdio>

namespace load {
namespace {

std::string number(double value) {
    char text[40];
    std::snprintf(text, sizeof text, value == std::floor(value) && std::fabs(value) < 1e15 ? "%.0f" : "%.3f", value);
    return text;
}

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return result + '"';
}

}  // namespace

void Report::add(std::string_view key, double value) {
    fields_.push_back({std::string{key}, std::isfinite(value) ? number(value) : "null"});
}

void Report::add(std::string_view key, std::string_view text) { fields_.push_back({std::string{key}, quoted(text)}); }

std::string Report::text() const {
    std::string lines;
    for (const Field& field : fields_) {
        lines += field.key;
        lines.append(field.key.size() < 36 ? 36 - field.key.size() : 1, ' ');
        lines += field.value + "\n";
    }
    return lines;
}

std::string Report::json() const {
    std::string object;
    for (const Field& field : fields_) object += (object.empty() ? "{" : ", ") + quoted(field.key) + ": " + field.value;
    return object + "}\n";
}

}  // namespace load
