#include "base/log.h"

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>

#include "base/log_text.h"

namespace aldis {
namespace {

/// Nothing that a peer can send deserves a longer value.
constexpr std::size_t longest_value = 1024;

constexpr std::array<std::string_view, 5> level_names = {"error", "warn", "info", "debug", "trace"};

/// sd-daemon(3): the priority that journald reads from the start of a line.
constexpr std::array<std::string_view, 5> journal_prefixes = {"<3>", "<4>", "<6>", "<7>", "<7>"};

struct Registry {
    std::mutex mutex;
    LogSettings settings;
    std::map<std::string, std::unique_ptr<detail::LogArea>, std::less<>> areas;
    std::atomic<LogFormat> format = LogFormat::text;
    std::atomic<LogCapture*> capture = nullptr;
};

/// Never destroyed: destructors of statics may still log.
Registry& registry() {
    static auto* const only = new Registry;
    return *only;
}

Level level_for(const LogSettings& settings, std::string_view area) {
    const auto found = settings.areas.find(std::string{area});
    return found == settings.areas.end() ? settings.level : found->second;
}

template <class T>
void append_number(std::string& out, T value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

class TextWriter final : public detail::FieldWriter {
public:
    explicit TextWriter(std::string& out) : out_{out} {}
    void text(std::string_view value) override {
        const std::string_view shown = value.substr(0, longest_value);
        if (detail::is_plain_word(shown)) {
            out_ += shown;
        } else {
            out_ += '"';
            detail::append_escaped(out_, shown, true);
            out_ += '"';
        }
        if (shown.size() < value.size()) out_ += "...";
    }
    void number(std::int64_t value) override { append_number(out_, value); }
    void number(std::uint64_t value) override { append_number(out_, value); }
    void number(double value) override { append_number(out_, value); }
    void boolean(bool value) override { out_ += value ? "true" : "false"; }

private:
    std::string& out_;
};

class JsonWriter final : public detail::FieldWriter {
public:
    explicit JsonWriter(std::string& out) : out_{out} {}
    void text(std::string_view value) override {
        const std::string_view shown = value.substr(0, longest_value);
        detail::append_json_string(out_, shown);
        if (shown.size() < value.size()) out_.insert(out_.size() - 1, "...");
    }
    void number(std::int64_t value) override { append_number(out_, value); }
    void number(std::uint64_t value) override { append_number(out_, value); }
    void number(double value) override {
        if (value - value == 0.0) return append_number(out_, value);
        out_ += "null";  // JSON knows neither infinity nor NaN
    }
    void boolean(bool value) override { out_ += value ? "true" : "false"; }

private:
    std::string& out_;
};

void append_padded(std::string& out, int value, std::size_t width) {
    const std::string digits = std::to_string(value);
    out.append(width - std::min(width, digits.size()), '0').append(digits);
}

/// RFC 3339, UTC, with milliseconds.
void append_time(std::string& out) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    tm parts{};
    gmtime_r(&now.tv_sec, &parts);
    append_padded(out, parts.tm_year + 1900, 4);
    append_padded(out += '-', parts.tm_mon + 1, 2);
    append_padded(out += '-', parts.tm_mday, 2);
    append_padded(out += 'T', parts.tm_hour, 2);
    append_padded(out += ':', parts.tm_min, 2);
    append_padded(out += ':', parts.tm_sec, 2);
    append_padded(out += '.', static_cast<int>(now.tv_nsec / 1'000'000), 3);
    out += 'Z';
}

struct Event {
    Level level;
    std::string_view area;
    std::string_view message;
    std::initializer_list<KeyValue> fields;
};

void append_text_event(std::string& out, const Event& event, bool padded) {
    const std::string_view level = name_of(event.level);
    out += level;
    out.append(padded ? 6 - level.size() : 1, ' ');
    out += event.area;
    out += ": ";
    detail::append_escaped(out, event.message, false);
    TextWriter writer{out};
    for (const KeyValue& field : event.fields) {
        out += ' ';
        out += field.key;
        out += '=';
        field.write(field.value, writer);
    }
}

void append_json_event(std::string& out, const Event& event) {
    out += R"("level":")";
    out += name_of(event.level);
    out += R"(","area":)";
    detail::append_json_string(out, event.area);
    out += R"(,"message":)";
    detail::append_json_string(out, event.message);
    JsonWriter writer{out};
    for (const KeyValue& field : event.fields) {
        out += ',';
        detail::append_json_string(out, field.key);
        out += ':';
        field.write(field.value, writer);
    }
    out += '}';
}

/// systemd.exec(5): $JOURNAL_STREAM names the device and inode of the socket; stderr may have been redirected since.
bool stderr_is_the_journal() {
    const char* const stream = std::getenv("JOURNAL_STREAM");
    struct stat status{};
    if (stream == nullptr || fstat(STDERR_FILENO, &status) != 0) return false;
    return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

std::string line_for_stderr(const Event& event, LogFormat format) {
    static const bool journal = stderr_is_the_journal();
    std::string line;
    line.reserve(256);
    if (journal) line += journal_prefixes[static_cast<std::size_t>(event.level)];
    if (format == LogFormat::json) {
        line += R"({"time":")";
        append_time(line);
        line += R"(",)";
        append_json_event(line, event);
    } else {
        if (!journal) append_time(line);
        if (!journal) line += ' ';
        append_text_event(line, event, true);
    }
    line += '\n';
    return line;
}

/// One write per line, so that lines of several threads do not mix. A log that cannot be written is lost: the server
/// must not wait for it.
void write_to_stderr(const Event& event, LogFormat format) {
    const std::string line = line_for_stderr(event, format);
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

void write_to_capture(LogCapture& capture, const Event& event, LogFormat format) {
    std::string line;
    if (format == LogFormat::json) {
        append_json_event(line += '{', event);
    } else {
        append_text_event(line, event, false);
    }
    capture.add(std::move(line));
}

detail::LogArea* area_named(std::string_view name) {
    Registry& all = registry();
    const std::scoped_lock lock{all.mutex};
    const auto found = all.areas.find(name);
    if (found != all.areas.end()) return found->second.get();
    auto area = std::make_unique<detail::LogArea>(std::string{name}, level_for(all.settings, name));
    return all.areas.emplace(name, std::move(area)).first->second.get();
}

}  // namespace

std::string_view name_of(Level level) { return level_names[static_cast<std::size_t>(level)]; }

Log::Log(std::string_view area) : area_{area_named(area)} {}

void Log::write(Level level, std::string_view message, std::initializer_list<KeyValue> fields) const noexcept {
    try {
        const Event event{level, area_->name, message, fields};
        Registry& all = registry();
        const LogFormat format = all.format.load(std::memory_order_relaxed);
        if (LogCapture* const capture = all.capture.load(std::memory_order_acquire)) {
            write_to_capture(*capture, event, format);
        } else {
            write_to_stderr(event, format);
        }
    } catch (...) {
        // Out of memory, or a value that cannot be shown: the event is lost, the caller goes on.
    }
}

void configure_log(const LogSettings& settings) {
    Registry& all = registry();
    const std::scoped_lock lock{all.mutex};
    all.settings = settings;
    all.format.store(settings.format, std::memory_order_relaxed);
    for (const auto& [name, area] : all.areas) area->level.store(level_for(settings, name), std::memory_order_relaxed);
}

std::vector<std::string> log_areas() {
    Registry& all = registry();
    const std::scoped_lock lock{all.mutex};
    std::vector<std::string> names;
    for (const auto& [name, area] : all.areas) names.push_back(name);
    return names;
}

LogCapture::LogCapture(const LogSettings& settings) {
    configure_log(settings);
    registry().capture.store(this, std::memory_order_release);
}

LogCapture::~LogCapture() {
    registry().capture.store(nullptr, std::memory_order_release);
    configure_log({});
}

std::vector<std::string> LogCapture::lines() const {
    const std::scoped_lock lock{mutex_};
    return lines_;
}

bool LogCapture::contains(std::string_view text) const {
    const std::scoped_lock lock{mutex_};
    return std::ranges::any_of(lines_, [&](const std::string& line) { return line.contains(text); });
}

void LogCapture::add(std::string line) {
    const std::scoped_lock lock{mutex_};
    lines_.push_back(std::move(line));
}

}  // namespace aldis
