#include "options.h"

#include <charconv>
#include <functional>
#include <map>
#include <stdexcept>
#include <string_view>

namespace load {

const char* const options_help = R"(options:
  --host ADDRESS      of the server (127.0.0.1)
  --port PORT         of its client listener (5222)
  --tls MODE          none, starttls or direct; TLS 1.3, certificates are not verified (none)
  --domain NAME       of the accounts (localhost)
  --users PATTERN     %d becomes 1, 2, 3 ... (user%d)
  --password TEXT     the same for all (secret)
  --mechanism NAME    SASL mechanism (SCRAM-SHA-256, else SCRAM-SHA-1, else PLAIN)
  --sessions N        how many log in, one per user (200)
  --window W          messages in flight in each direction of a pair (8)
  --one-way           only one of each pair sends
  --body BYTES        of a message's body (100)
  --roster K          idle: contacts of each user, made before measuring unless they exist (0)
  --at-once N         logins under way at the same time (16)
  --auth WAY          login, resume, cycle: sasl1, sasl2 (with Bind 2) or fast (SASL2 with a token) (sasl1)
  --away N            resume, cycle: messages to each client while it is cut off (2)
  --count N           cycle: how often connections are cut (10000)
  --messages N        catchup: how many the archive holds; made before measuring unless they are there (1000)
  --page N            catchup: messages that are asked for at once (50)
  --seconds S         measured time (5)
  --warmup S          time under load before that (1)
  --pid PID           the server's process, for its CPU time and memory
  --json              prints one JSON object
)";

namespace {

template <class Number>
void parse_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < Number{})
        throw std::invalid_argument{"not a number that fits: " + std::string{text}};
}

TlsMode parse_tls(std::string_view text) {
    if (text == "none") return TlsMode::none;
    if (text == "starttls") return TlsMode::starttls;
    if (text == "direct") return TlsMode::direct;
    throw std::invalid_argument{"--tls is none, starttls or direct"};
}

Auth parse_auth(std::string_view text) {
    if (text == "sasl1") return Auth::sasl1;
    if (text == "sasl2") return Auth::sasl2;
    if (text == "fast") return Auth::fast;
    throw std::invalid_argument{"--auth is sasl1, sasl2 or fast"};
}

using Setter = std::function<void(std::string_view)>;

std::map<std::string_view, Setter> setters(Options& options) {
    const auto text = [](std::string& to) { return Setter{[&to](std::string_view value) { to = value; }}; };
    const auto number = [](auto& to) { return Setter{[&to](std::string_view value) { parse_number(value, to); }}; };
    return {
        {"--host", text(options.host)},
        {"--port", number(options.port)},
        {"--domain", text(options.domain)},
        {"--users", text(options.users)},
        {"--password", text(options.password)},
        {"--mechanism", text(options.mechanism)},
        {"--sessions", number(options.sessions)},
        {"--window", number(options.window)},
        {"--body", number(options.body)},
        {"--roster", number(options.roster)},
        {"--at-once", number(options.at_once)},
        {"--away", number(options.away)},
        {"--count", number(options.count)},
        {"--messages", number(options.messages)},
        {"--page", number(options.page)},
        {"--seconds", number(options.seconds)},
        {"--warmup", number(options.warmup)},
        {"--pid", number(options.pid)},
        {"--tls", [&options](std::string_view value) { options.tls = parse_tls(value); }},
        {"--auth", [&options](std::string_view value) { options.auth = parse_auth(value); }},
    };
}

}  // namespace

Options parse_options(int argc, char** argv) {
    Options options;
    const std::map<std::string_view, Setter> known = setters(options);
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--json") {
            options.json = true;
        } else if (word == "--one-way") {
            options.one_way = true;
        } else if (!word.starts_with("-")) {
            options.scenario = word;
        } else if (const auto found = known.find(word); found == known.end()) {
            throw std::invalid_argument{"unknown option " + std::string{word}};
        } else if (++i == argc) {
            throw std::invalid_argument{std::string{word} + " needs a value"};
        } else {
            found->second(argv[i]);
        }
    }
    if (options.sessions == 0 || options.window == 0 || options.at_once == 0 || options.page == 0)
        throw std::invalid_argument{"--sessions, --window, --at-once and --page are at least 1"};
    return options;
}

std::string user_name(const Options& options, unsigned number) {
    std::string name = options.users;
    if (const std::size_t at = name.find("%d"); at != name.npos) name.replace(at, 2, std::to_string(number));
    return name;
}

}  // namespace load
