#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "db/stores.h"

namespace aldis::db::tests {

/// A folder that goes with the test.
class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "aldis-db-XXXXXX").string();
        if (!mkdtemp(name.data())) throw std::runtime_error{"mkdtemp"};
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }

    [[nodiscard]] std::filesystem::path file() const { return path_ / "aldis.db"; }

private:
    std::filesystem::path path_;
};

/// Options for `folder`, without threads.
inline Options by_hand(const Folder& folder) {
    Options options;
    options.path = folder.file();
    options.threads = false;
    return options;
}

inline Options with_threads(const Folder& folder) {
    Options options;
    options.path = folder.file();
    return options;
}

/// A shard that takes note of what it is told.
class Notes final : public Committer {
public:
    struct Failure {
        Ticket from;
        Ticket to;
        friend bool operator==(const Failure&, const Failure&) = default;
    };

    void committed(Ticket up_to) override {
        const std::lock_guard lock{mutex_};
        committed_.push_back(up_to);
        wake_.notify_all();
    }
    void failed(Ticket from, Ticket to) override {
        const std::lock_guard lock{mutex_};
        failures_.push_back({from, to});
        wake_.notify_all();
    }
    void wait_for(Ticket ticket) {
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [&] {
            return (!committed_.empty() && committed_.back() >= ticket) ||
                   (!failures_.empty() && failures_.back().to >= ticket);
        });
    }
    std::vector<Ticket> commits() {
        const std::lock_guard lock{mutex_};
        return committed_;
    }
    std::vector<Failure> failures() {
        const std::lock_guard lock{mutex_};
        return failures_;
    }

private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Ticket> committed_;
    std::vector<Failure> failures_;
};

/// Stores without threads, and what most tests do with them.
struct ByHand {
    ByHand() : stores{by_hand(folder)} {}

    void commit(Unit unit) {
        stores.database.submit(std::move(unit), notes);
        while (stores.database.work()) {
        }
    }
    template <class Function>
    auto read(Function function) {
        return stores.database.read_now(function);
    }
    template <class Function>
    auto write(Function function) {
        return stores.database.write_now(function);
    }

    Folder folder;
    Notes notes;
    Stores stores;
};

inline Timestamp second(std::int64_t number) { return Timestamp{std::chrono::seconds{number}}; }

/// A unit of one row in last_activity: the smallest there is.
inline Unit small_unit(std::string_view owner) {
    Unit unit;
    LastActivity::put(unit, owner, {.at = second(1), .status = "away"});
    return unit;
}

}  // namespace aldis::db::tests
