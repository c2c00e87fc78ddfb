// What only processes can show: killed in the middle, a disk that is really full, two programs on one file.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <iostream>

#include "tests/db/fixture.h"

namespace aldis::db::tests {
namespace {

/// Runs a function in a child of its own, which ends without destructors.
template <class Function>
pid_t in_child(Function function) {
    const pid_t child = fork();
    if (child == 0) {
        try {
            function();
        } catch (const std::exception& error) {
            std::cerr << "in the child: " << error.what() << '\n';
            _exit(9);
        }
        _exit(0);
    }
    return child;
}

int status_of(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

/// Writes each ticket to a pipe as soon as it is complete.
class Teller final : public Committer {
public:
    explicit Teller(int pipe) : pipe_{pipe} {}
    void committed(Ticket up_to) override { [[maybe_unused]] const auto sent = write(pipe_, &up_to, sizeof up_to); }
    void failed(Ticket, Ticket) override { _exit(8); }

private:
    int pipe_;
};

void archive_without_end(const Folder& folder, int pipe) {
    Stores stores{with_threads(folder)};
    Teller teller{pipe};
    for (int number = 1;; ++number) {
        Unit unit;
        for (const char* owner : {"romeo@x", "juliet@x"}) {
            stores.archive.append(unit, owner, {.with = "peer@x", .at = second(number), .stanza = make_bytes("<m/>")});
        }
        while (stores.database.metrics().units_waiting > 100) std::this_thread::yield();
        stores.database.submit(std::move(unit), teller);
    }
}

TEST(Crash, WhatWasToldToBeCommittedIsThereAfterSigkill) {
    for (int turn = 0; turn < 3; ++turn) {
        const Folder folder;
        int pipe[2];
        ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
        const pid_t child = in_child([&] { archive_without_end(folder, pipe[1]); });
        close(pipe[1]);
        Ticket told = 0;
        for (Ticket ticket = 0; told < 500 && read(pipe[0], &ticket, sizeof ticket) == sizeof ticket;) told = ticket;
        kill(child, SIGKILL);
        status_of(child);
        for (Ticket ticket = 0; read(pipe[0], &ticket, sizeof ticket) == sizeof ticket;) told = ticket;
        close(pipe[0]);

        Stores stores{by_hand(folder)};
        const auto rows_of = [&](const char* owner) {
            return stores.database.read_now([&](Connection& connection) {
                Rows rows = connection.query(
                    "SELECT count(*) FROM archive WHERE owner = (SELECT id FROM archive_owners WHERE jid = $1)", owner);
                return rows.next() ? static_cast<Ticket>(rows.integer(0)) : 0;
            });
        };
        EXPECT_GE(told, 500U);
        EXPECT_GE(rows_of("romeo@x"), told);
        EXPECT_EQ(rows_of("romeo@x"), rows_of("juliet@x")) << "a unit is stored as a whole or not at all";
    }
}

TEST(Crash, AFullDiskFailsTheUnitAndNothingElse) {
    const Folder folder;
    const pid_t child = in_child([&] {
        signal(SIGXFSZ, SIG_IGN);
        Notes notes;
        Database database{with_threads(folder), store_schemas()};
        notes.wait_for(database.submit(small_unit("before@x"), notes));
        rlimit limit{};
        getrlimit(RLIMIT_FSIZE, &limit);
        limit.rlim_cur = 300'000;
        setrlimit(RLIMIT_FSIZE, &limit);
        Unit large;
        Offline::append(large, "large@x", second(1), make_bytes(std::string(1'000'000, 'x')));
        const Ticket lost = database.submit(std::move(large), notes);
        notes.wait_for(lost);
        if (notes.failures() != std::vector<Notes::Failure>{{lost, lost}}) _exit(1);
        if (database.last_error().empty()) _exit(2);
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_FSIZE, &limit);
        const Ticket kept = database.submit(small_unit("after@x"), notes);
        notes.wait_for(kept);
        if (notes.commits().back() != kept) _exit(3);
    });
    EXPECT_EQ(status_of(child), 0);
    Stores stores{by_hand(folder)};
    stores.database.read_now([](Connection& connection) {
        EXPECT_TRUE(LastActivity::find(connection, "before@x"));
        EXPECT_TRUE(LastActivity::find(connection, "after@x"));
        EXPECT_EQ(Offline::count(connection, "large@x", 9), 0U);
    });
}

TEST(Crash, SessionsThatWereTakenAreGoneAfterSigkill) {
    const Folder folder;
    {
        Stores stores{by_hand(folder)};
        stores.database.write_now([](Connection& connection) {
            for (const char* resource : {"phone", "laptop"}) {
                ResumableSessions::save(connection,
                                        {.owner = "romeo@x", .resource = resource, .expires_at = second(100)});
            }
        });
    }
    const pid_t child = in_child([&] {
        Stores stores{with_threads(folder)};
        const auto taken = stores.database.write_now(
            [](Connection& connection) { return ResumableSessions::take(connection, second(1), 9); });
        if (taken.size() != 2) _exit(1);
        kill(getpid(), SIGKILL);
    });
    EXPECT_TRUE(WIFSIGNALED(status_of(child)));
    Stores stores{by_hand(folder)};
    EXPECT_EQ(stores.database.read_now([](Connection& connection) { return ResumableSessions::count(connection); }),
              0U);
}

TEST(TwoPrograms, AddAccountsToOneNewFileAtOnce) {
    const Folder folder;
    const auto add = [&](std::string_view prefix) {
        Stores stores{with_threads(folder)};
        for (int number = 0; number < 50; ++number) {
            const std::string jid = std::string{prefix} + std::to_string(number) + "@x";
            stores.database.write_now(
                [&](Connection& connection) { return stores.add_account(connection, jid, "", second(1)); });
        }
    };
    const pid_t first = in_child([&] { add("a"); });
    const pid_t second_child = in_child([&] { add("b"); });
    EXPECT_EQ(status_of(first), 0);
    EXPECT_EQ(status_of(second_child), 0);
    Stores stores{by_hand(folder)};
    EXPECT_EQ(stores.database.read_now([](Connection& connection) { return Users::count(connection, "x"); }), 100U);
}

TEST(TwoPrograms, AnotherOneMayRemoveAnAccountWhoseArchiveIsBeingWritten) {
    const Folder folder;
    Notes notes;
    Stores server{by_hand(folder)};
    const auto append = [&](const char* stanza) {
        Unit unit;
        server.archive.append(unit, "romeo@x", {.with = "juliet@x", .at = second(1), .stanza = make_bytes(stanza)});
        server.database.submit(std::move(unit), notes);
        server.database.work();
    };
    append("<old/>");
    {
        Stores command{by_hand(folder)};
        command.database.write_now(
            [&](Connection& connection) { return command.remove_account(connection, "romeo@x"); });
        command.database.write_now([&](Connection& connection) { return Archive::purge(connection, 100); });
    }
    append("<new/>");
    const Result<ArchivePage> page =
        server.database.read_now([](Connection& connection) { return Archive::page(connection, "romeo@x", {}); });
    ASSERT_EQ(page->entries.size(), 1U);
    EXPECT_EQ(page->entries[0].stanza, "<new/>");
}

}  // namespace
}  // namespace aldis::db::tests
