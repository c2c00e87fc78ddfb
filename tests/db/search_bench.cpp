// What the index of words costs, and what a search takes: in an archive of one owner, and in one of many.
//   search_bench ROWS [DIRECTORY]
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "db/stores.h"
#include "modules/search_rules.h"

namespace {

using namespace aldis;
using SteadyClock = std::chrono::steady_clock;
using Random = std::mt19937_64;

constexpr std::size_t owners = 1'000;
constexpr std::size_t peers = 50;
constexpr std::size_t message_words = 12;
constexpr std::size_t message_characters = 20;

double milliseconds_since(SteadyClock::time_point start) {
    return std::chrono::duration<double, std::milli>(SteadyClock::now() - start).count();
}

/// The time that this thread has worked: others may want the processor, too.
double cpu_milliseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec) * 1e3 + double(now.tv_nsec) / 1e6;
}

/// Words as often as languages have them: the n-th is as frequent as 1/n.
class Vocabulary {
public:
    Vocabulary(std::size_t words, bool characters) {
        Random random{7};
        for (const char* const word : {"the", "and", "you", "that", "this", "there", "then"})
            if (!characters) words_.emplace_back(word);
        while (words_.size() < words) words_.push_back(characters ? character(words_.size()) : made_up(random));
        double sum = 0;
        for (std::size_t rank = 0; rank < words; ++rank) sums_.push_back(sum += 1.0 / double(rank + 2));
    }
    [[nodiscard]] const std::string& any(Random& random) const {
        const double at = std::uniform_real_distribution<>{0, sums_.back()}(random);
        const auto found = std::ranges::lower_bound(sums_, at);
        return words_[std::min(static_cast<std::size_t>(found - sums_.begin()), words_.size() - 1)];
    }
    /// One of those that have these ranks.
    [[nodiscard]] const std::string& of(Random& random, std::size_t from, std::size_t to) const {
        return words_[from + random() % (to - from)];
    }

private:
    static std::string made_up(Random& random) {
        std::string word;
        for (std::size_t left = 3 + random() % 8; left > 0; --left)
            word.push_back(static_cast<char>('a' + random() % 26));
        return word;
    }
    static std::string character(std::size_t number) {
        const auto c = static_cast<unsigned>(0x4e00 + number);
        return {static_cast<char>(0xe0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 0x3f)),
                static_cast<char>(0x80 | (c & 0x3f))};
    }
    std::vector<std::string> words_;
    std::vector<double> sums_;
};

struct Corpus {
    Vocabulary words{50'000, false};
    Vocabulary characters{3'500, true};

    [[nodiscard]] std::string stanza(Random& random) const {
        std::string text;
        const bool chinese = random() % 10 == 0;
        for (std::size_t left = chinese ? message_characters : message_words; left > 0; --left)
            text += chinese ? characters.any(random) : words.any(random) + " ";
        return "<message from='sender@localhost/phone' to='receiver@localhost' type='chat' id='b8ba5d1e-57a2'><body>" +
               text + "</body><origin-id xmlns='urn:xmpp:sid:0' id='b8ba5d1e-57a2'/></message>";
    }
};

/// Owner 1 has `share` percent of all.
void fill(db::Stores& stores, const Corpus& corpus, std::size_t rows, unsigned share) {
    Random random{1};
    stores.database.write_now([](db::Connection& connection) {
        for (std::size_t owner = 1; owner <= owners; ++owner)
            connection.run("INSERT INTO archive_owners (id, jid) VALUES ($1, $2)", owner,
                           "user" + std::to_string(owner) + "@localhost");
        for (std::size_t peer = 1; peer <= peers; ++peer)
            connection.run("INSERT INTO archive_peers (id, jid) VALUES ($1, $2)", peer,
                           "peer" + std::to_string(peer) + "@localhost");
    });
    constexpr std::size_t step = 20'000;
    for (std::size_t made = 0; made < rows; made += step) {
        stores.database.write_now([&](db::Connection& connection) {
            for (std::size_t row = made; row < std::min(rows, made + step); ++row) {
                const std::size_t owner = random() % 100 < share ? 1 : 2 + random() % (owners - 1);
                connection.run("INSERT INTO archive (id, owner, peer, flags, stanza) VALUES ($1, $2, $3, 0, $4)",
                               1'700'000'000'000'000 + std::int64_t(row) * 10'000'000, owner, 1 + random() % peers,
                               corpus.stanza(random));
            }
        });
    }
}

void print(const char* what, std::vector<double> times, const char* more = "") {
    std::ranges::sort(times);
    std::printf("  %-44s p50 %7.2f ms  p99 %7.2f ms%s\n", what, times[times.size() / 2], times[times.size() * 99 / 100],
                more);
}

void index(db::Stores& stores, std::size_t rows) {
    std::vector<double> wall;
    double cpu = 0;
    for (bool more = true; more;) {
        stores.database.write_now([&](db::Connection& connection) {
            const SteadyClock::time_point start = SteadyClock::now();
            const double before = cpu_milliseconds();
            more = stores.search.index(connection, 100);
            cpu += cpu_milliseconds() - before;
            wall.push_back(milliseconds_since(start));
        });
    }
    std::printf("  index: %.1f us CPU a message\n", cpu * 1e3 / double(rows));
    print("a batch of 100", wall);
}

using Terms = std::vector<db::SearchTerm>;

template <class Make>
void search(db::Stores& stores, const char* what, const char* owner, Make make) {
    std::vector<double> wall;
    std::vector<double> cpu;
    std::size_t found = 0;
    stores.database.read_now([&](db::Connection& connection) {
        Random random{3};
        for (int turn = 0; turn < 500; ++turn) {
            const db::ArchiveRange range = make(random);
            const SteadyClock::time_point start = SteadyClock::now();
            const double before = cpu_milliseconds();
            const auto page = db::Archive::page(connection, owner, range);
            cpu.push_back(cpu_milliseconds() - before);
            wall.push_back(milliseconds_since(start));
            if (!page) std::abort();
            found += page->entries.size();
        }
    });
    std::ranges::sort(cpu);
    const std::string more = "  (CPU p99 " + std::to_string(cpu[cpu.size() * 99 / 100]) + ", " +
                             std::to_string(found / wall.size()) + " found)";
    print(what, wall, more.c_str());
}

void search_all(db::Stores& stores, const Corpus& corpus, const char* owner) {
    const auto page = [](Terms terms) {
        db::ArchiveRange range;
        range.terms = std::move(terms);
        range.last_page = true;
        range.count = true;
        return range;
    };
    const Vocabulary& words = corpus.words;
    const Vocabulary& characters = corpus.characters;
    search(stores, "the commonest word", owner, [&](Random&) { return page({{.words = {"the"}}}); });
    search(stores, "a word as people say it", owner, [&](Random& r) { return page({{.words = {words.any(r)}}}); });
    search(stores, "two words", owner,
           [&](Random& r) { return page({{.words = {words.any(r)}}, {.words = {words.any(r)}}}); });
    search(stores, "a rare word and the commonest", owner,
           [&](Random& r) { return page({{.words = {words.of(r, 5'000, 50'000)}}, {.words = {"the"}}}); });
    search(stores, "a phrase of two common words", owner,
           [&](Random& r) { return page({{.words = {words.of(r, 0, 100), words.of(r, 0, 100)}}}); });
    search(stores, "a phrase of three common words", owner,
           [&](Random& r) { return page({{.words = {words.of(r, 0, 20), words.of(r, 0, 20), words.of(r, 0, 20)}}}); });
    search(stores, "a beginning of four letters", owner,
           [&](Random& r) { return page({{.words = {words.of(r, 7, 5'000).substr(0, 4)}, .prefix = true}}); });
    search(stores, "the*, the worst beginning", owner,
           [&](Random&) { return page({{.words = {"the"}, .prefix = true}}); });
    search(stores, "one Chinese character", owner, [&](Random& r) { return page({{.words = {characters.any(r)}}}); });
    search(stores, "two Chinese characters", owner,
           [&](Random& r) { return page({{.words = {characters.any(r), characters.any(r)}}}); });
    search(stores, "four Chinese characters", owner, [&](Random& r) {
        return page({{.words = {characters.any(r), characters.any(r), characters.any(r), characters.any(r)}}});
    });
    search(stores, "a word with a peer, the oldest first", owner, [&](Random& r) {
        db::ArchiveRange range = page({{.words = {words.any(r)}}});
        range.last_page = false;
        range.with = "peer" + std::to_string(1 + r() % peers) + "@localhost";
        return range;
    });
    search(stores, "the commonest word in the middle", owner, [&](Random& r) {
        db::ArchiveRange range = page({{.words = {"the"}}});
        range.end =
            Timestamp{std::chrono::microseconds{1'700'000'000'000'000 + std::int64_t(r() % 10'000) * 10'000'000}};
        return range;
    });
}

void run(const std::filesystem::path& file, const Corpus& corpus, std::size_t rows, unsigned share) {
    db::Options options;
    options.path = file;
    options.synced = false;
    db::Stores stores{options};
    stores.search.use(&modules::search::words_of, modules::search::rules_version());
    fill(stores, corpus, rows, share);
    const auto before = std::filesystem::file_size(file);
    std::printf("%zu messages, %u %% of them of one owner\n", rows, share);
    index(stores, rows);
    std::printf("  %.0f MiB of messages, %.0f bytes of index a message\n", double(before) / double(1 << 20),
                double(std::filesystem::file_size(file) - before) / double(rows));
    search_all(stores, corpus, share == 100 ? "user1@localhost" : "user2@localhost");
}

}  // namespace

int main(int argc, char** argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const std::size_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
    const std::filesystem::path folder =
        std::filesystem::path{argc > 2 ? argv[2] : "/tmp"} / ("search_bench." + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    const Corpus corpus;
    run(folder / "one.db", corpus, rows, 100);
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    run(folder / "many.db", corpus, rows, 0);
    std::filesystem::remove_all(folder);
}
