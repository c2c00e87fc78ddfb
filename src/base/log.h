#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace aldis {

/// How much an operator wants to read. Each level includes those before it.
enum class Level : std::uint8_t { error, warn, info, debug, trace };
enum class LogFormat : std::uint8_t { text, json };

/// `error`, `warn`, `info`, `debug` or `trace`.
[[nodiscard]] std::string_view name_of(Level level);

namespace detail {

/// What a value is written into: the log chooses quoting and escaping.
class FieldWriter {
public:
    virtual ~FieldWriter() = default;
    virtual void text(std::string_view value) = 0;
    virtual void number(std::int64_t value) = 0;
    virtual void number(std::uint64_t value) = 0;
    virtual void number(double value) = 0;
    virtual void boolean(bool value) = 0;
};

template <class T>
void write_field(const T& value, FieldWriter& out) {
    if constexpr (std::same_as<T, bool>) {
        out.boolean(value);
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
        out.text(value);
    } else if constexpr (std::floating_point<T>) {
        out.number(static_cast<double>(value));
    } else if constexpr (std::signed_integral<T>) {
        out.number(static_cast<std::int64_t>(value));
    } else if constexpr (std::unsigned_integral<T>) {
        out.number(static_cast<std::uint64_t>(value));
    } else if constexpr (requires { std::chrono::duration_cast<std::chrono::microseconds>(value); }) {
        out.number(std::chrono::duration<double, std::milli>(value).count());  // name the key "..._ms"
    } else if constexpr (requires { std::string_view{value.text()}; }) {
        out.text(value.text());
    } else if constexpr (requires { std::string_view{value.view()}; }) {
        out.text(value.view());
    } else if constexpr (requires { std::string_view{value.str()}; }) {
        out.text(value.str());
    } else if constexpr (requires { std::string_view{value.string()}; }) {
        out.text(value.string());
    } else if constexpr (requires { std::string_view{name_of(value)}; }) {
        out.text(name_of(value));
    } else {
        out.text(to_string(value));
    }
}

}  // namespace detail

/// One `key=value` of an event. Refers to its value: make it with kv(), within the call.
struct KeyValue {
    std::string_view key;
    const void* value;
    void (*write)(const void* value, detail::FieldWriter& out);
};

/// `kv("jid", jid)`: text, numbers, bool, durations (in milliseconds), and what has text(), view(), str(), string(),
/// name_of() or to_string(). Costs two pointers; the value is only looked at when the event is written.
template <class T>
[[nodiscard]] constexpr KeyValue kv(std::string_view key, const T& value) noexcept {
    using Plain = std::conditional_t<std::is_array_v<T>, const char*, T>;
    if constexpr (std::is_array_v<T>) {
        return {key, &value,
                [](const void* text, detail::FieldWriter& out) { out.text(static_cast<const char*>(text)); }};
    } else {
        return {key, &value, [](const void* object, detail::FieldWriter& out) {
                    detail::write_field(*static_cast<const Plain*>(object), out);
                }};
    }
}

namespace detail {

/// One area's name and how much of it is wanted. Lives for ever.
struct LogArea {
    std::string name;
    std::atomic<Level> level;
};

}  // namespace detail

/// A handle for the events of one area ("c2s", "mam", "auth"): small, copyable, usable from any thread.
/// Never throws. A level that is off costs one relaxed atomic load.
/// Log what an operator needs; never passwords, SCRAM secrets or bodies.
class Log {
public:
    explicit Log(std::string_view area);

    [[nodiscard]] bool enabled(Level level) const noexcept {
        return level <= area_->level.load(std::memory_order_relaxed);
    }

    template <std::same_as<KeyValue>... Fields>
    void error(std::string_view message, Fields... fields) const noexcept {
        if (enabled(Level::error)) write(Level::error, message, {fields...});
    }
    template <std::same_as<KeyValue>... Fields>
    void warn(std::string_view message, Fields... fields) const noexcept {
        if (enabled(Level::warn)) write(Level::warn, message, {fields...});
    }
    template <std::same_as<KeyValue>... Fields>
    void info(std::string_view message, Fields... fields) const noexcept {
        if (enabled(Level::info)) write(Level::info, message, {fields...});
    }
    template <std::same_as<KeyValue>... Fields>
    void debug(std::string_view message, Fields... fields) const noexcept {
        if (enabled(Level::debug)) write(Level::debug, message, {fields...});
    }
    template <std::same_as<KeyValue>... Fields>
    void trace(std::string_view message, Fields... fields) const noexcept {
        if (enabled(Level::trace)) write(Level::trace, message, {fields...});
    }

private:
    void write(Level level, std::string_view message, std::initializer_list<KeyValue> fields) const noexcept;

    detail::LogArea* area_;
};

/// What is written, and how. An area that `areas` does not name has `level`.
struct LogSettings {
    Level level = Level::info;
    LogFormat format = LogFormat::text;
    std::map<std::string, Level> areas = {};
};

/// Takes effect at once, for every Log that exists or will exist. Safe at any time, from any thread.
void configure_log(const LogSettings& settings);

/// The areas that have a Log by now, sorted.
[[nodiscard]] std::vector<std::string> log_areas();

/// While it lives, events go here instead of to stderr; for tests. One at a time.
class LogCapture {
public:
    explicit LogCapture(const LogSettings& settings = {.level = Level::trace});
    LogCapture(const LogCapture&) = delete;
    LogCapture& operator=(const LogCapture&) = delete;
    ~LogCapture();

    /// The lines so far, without the time and the line feed: "info c2s: session bound jid=romeo@localhost".
    [[nodiscard]] std::vector<std::string> lines() const;
    [[nodiscard]] bool contains(std::string_view text) const;
    void add(std::string line);

private:
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

}  // namespace aldis
