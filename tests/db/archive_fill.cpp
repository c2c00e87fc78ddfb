// Fills a user's archive with messages that have words, and the index of words with them: for ./dev bench.
//   archive_fill DATABASE JID MESSAGES
// The words are those of tests/bench/search.cpp, each as often as its place in the list allows: the n-th as 1/n.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "db/stores.h"
#include "modules/search_rules.h"

namespace {

using namespace aldis;

constexpr std::size_t words = 50'000;
constexpr std::size_t words_in_message = 12;
constexpr std::size_t peers = 500;
constexpr std::size_t at_once = 5'000;

std::string word(std::size_t number) {
    static constexpr std::string_view consonants = "bdfghjklmnprst";
    static constexpr std::string_view vowels = "aeiou";
    std::string made;
    for (std::size_t left = number + 70; left > 0; left /= 70) {
        made += consonants[left % 70 / 5];
        made += vowels[left % 5];
    }
    return made;
}

std::string text(std::mt19937_64& random) {
    std::uniform_real_distribution<double> some{0, std::log(double{words})};
    std::string made;
    for (std::size_t i = 0; i < words_in_message; ++i)
        made += word(static_cast<std::size_t>(std::exp(some(random))) - 1) + " ";
    return made;
}

void fill(db::Stores& stores, const std::string& owner, std::size_t messages) {
    std::mt19937_64 random{1};
    const Timestamp first = SystemClock{}.now() - std::chrono::seconds{10} * static_cast<std::int64_t>(messages);
    for (std::size_t made = 0; made < messages;) {
        db::Unit unit;
        for (const std::size_t end = std::min(messages, made + at_once); made < end; ++made) {
            const std::string peer = "user" + std::to_string(2 + random() % peers) + "@localhost";
            stores.archive.append(
                unit, owner,
                {.with = peer,
                 .with_resource = "load",
                 .at = first + std::chrono::seconds{10} * static_cast<std::int64_t>(made),
                 .stanza = make_bytes("<message from='" + peer + "/load' to='" + owner + "' type='chat' id='fill-" +
                                      std::to_string(made) + "'><body>" + text(random) + "</body></message>")});
        }
        stores.database.write_now([&](db::Connection& connection) { unit.run(connection); });
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "archive_fill DATABASE JID MESSAGES\n");
        return 2;
    }
    db::Options options;
    options.path = argv[1];
    options.synced = false;
    db::Stores stores{options};
    stores.search.use(&modules::search::words_of, modules::search::rules_version());
    fill(stores, argv[2], std::strtoull(argv[3], nullptr, 10));
    for (bool more = true; more;)
        stores.database.write_now([&](db::Connection& connection) { more = stores.search.index(connection, 2'000); });
}
