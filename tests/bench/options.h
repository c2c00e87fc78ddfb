#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>

namespace load {

enum class TlsMode {
    none,
    starttls,
    direct,  ///< XEP-0368
};

/// How clients prove who they are.
enum class Auth {
    sasl1,  ///< RFC 6120
    sasl2,  ///< XEP-0388, with XEP-0386 for what comes after
    fast,   ///< the same with a token of XEP-0484, which the first login asks for
};

/// What the command line says.
struct Options {
    std::string scenario;
    std::string host = "127.0.0.1";
    std::uint16_t port = 5222;
    TlsMode tls = TlsMode::none;
    std::string domain = "localhost";
    std::string users = "user%d";  ///< %d is a number from 1 on
    std::string password = "secret";
    std::string mechanism;  ///< empty: the best that is offered
    unsigned sessions = 200;
    unsigned window = 8;    ///< messages in flight in each direction of a pair
    unsigned body = 100;    ///< bytes
    unsigned roster = 0;    ///< contacts of each user
    unsigned at_once = 16;  ///< logins under way at the same time
    Auth auth = Auth::sasl1;
    unsigned away = 2;         ///< messages to each client while it is cut off
    unsigned count = 10000;    ///< cycles
    unsigned messages = 1000;  ///< in the archive
    unsigned page = 50;        ///< messages that are asked for at once
    double seconds = 5;
    double warmup = 1;
    pid_t pid = 0;         ///< the server, 0: not known, then nothing is said about its CPU and memory
    bool one_way = false;  ///< chat: only one of each pair sends
    bool json = false;
};

/// @throws std::invalid_argument  with a text for the user
Options parse_options(int argc, char** argv);

/// What --help says about the options.
extern const char* const options_help;

/// `users` with the number in place of %d.
std::string user_name(const Options& options, unsigned number);

}  // namespace load
