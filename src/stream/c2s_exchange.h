#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sasl/upgrade.h"
#include "stream/c2s.h"

// What a stream remembers of a client that is logging in: for c2s*.cpp only.
namespace aldis::stream {

/// Who the client says it is, and what has been found true of that.
struct ClientStream::Introduction {
    Jid from = {};                     ///< of the stream's header: a hint, and no more; may be empty
    std::uint64_t config_version = 0;  ///< XEP-0509, of the features that were sent last; 0: they had none
    bool tasked = false;               ///< XEP-0388: <continue/> was sent on this stream
    // After the authentication.
    std::string client = {};       ///< the id of the user agent; may be empty
    std::string resource = {};     ///< the only one that may be bound; empty: any
    std::string fingerprint = {};  ///< of the certificate that was good for this account
};

/// What a client wants besides being logged in: XEP-0388 "Initiation".
struct ClientStream::Request {
    Entry entry = {};
    bool binds = false;                      ///< it asks for a resource
    std::vector<std::string> upgrades = {};  ///< XEP-0480: names of tasks
    bool looked_for_tasks = false;
    std::vector<sasl::Hash> due = {};           ///< those that are to be done
    std::optional<sasl::Upgrade> upgrade = {};  ///< the first of them, when the client has begun it
    std::string failed = {};                    ///< XEP-0198's answer, serialised
    std::string token = {};                     ///< XEP-0484's
};

/// An authentication in progress. It may be on another thread while the stream goes away.
struct ClientStream::Exchange {
    ClientStream* stream = nullptr;
    std::shared_ptr<sasl::Server> server = {};  ///< null when the mechanism has done its part
    Arrival arrival = {};                       ///< what is known so far
    std::string authzid = {};                   ///< as the client sent it
    std::string additional_data = {};           ///< for <success/>
    std::string resource = {};                  ///< see Introduction
    std::string fingerprint = {};               ///< EXTERNAL
    std::vector<std::string> vouched_for = {};  ///< EXTERNAL: the accounts that a trusted certificate names
    std::unique_ptr<Request> request = {};      ///< null: RFC 6120's profile
    bool guest = false;
    bool waiting = false;    ///< for the rest of the server
    bool held = false;       ///< the stream was stopped for that, and goes on when it is over
    bool elsewhere = false;  ///< the stream is handed to its account's home, which lets it go on

    /// Until go_on(), nothing is read.
    void wait() {
        waiting = held = true;
        stream->hold();
    }
    template <class Work>
    static void go_on(const std::weak_ptr<Exchange>& exchange, Work&& work) {
        const std::shared_ptr<Exchange> alive = exchange.lock();
        if (!alive) return;
        alive->waiting = false;
        work(*alive->stream, *alive);
        if (!alive->waiting && !alive->elsewhere && std::exchange(alive->held, false)) alive->stream->go_on();
    }
};

}  // namespace aldis::stream
