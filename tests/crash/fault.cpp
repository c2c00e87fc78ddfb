// Kills a server at a named point of a message's way. It is preloaded (LD_PRELOAD) and stands between the process and
// the system calls by which SQLite writes and syncs and by which messages leave, so that the server knows nothing of
// it.
//
//   CRASH_AT       before-write: nothing of the message is in the log; before-commit: its transaction is written and
//   not
//                  synced; after-commit: it is synced, and nobody has heard; after-ack: its sender knows that it is
//                  handled, its recipient has not got it; after-delivery: the other way round
//   CRASH_MARK     what only this message says
//   CRASH_H        the 'h' (XEP-0198) that acknowledges it
//   CRASH_FORGETS  with any value, what was not synced is undone first: the power goes, not only the process
//   CRASH_LIES     with any value, a sync does nothing and says that it is done
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Plan {
    std::string at;
    std::string mark;
    unsigned long h = 0;
    bool forgets = false;
    bool lies = false;

    [[nodiscard]] bool is(std::string_view point) const { return at == point; }
    [[nodiscard]] bool marks(std::string_view bytes) const { return !mark.empty() && bytes.contains(mark); }
};

std::string setting(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr ? value : "";
}

/// Read at the first call, which may come before this library's constructors have run.
const Plan& plan() {
    static const Plan read{.at = setting("CRASH_AT"),
                           .mark = setting("CRASH_MARK"),
                           .h = std::strtoul(setting("CRASH_H").c_str(), nullptr, 10),
                           .forgets = !setting("CRASH_FORGETS").empty(),
                           .lies = !setting("CRASH_LIES").empty()};
    return read;
}

/// The function that would have been called without this library.
template <class Function>
Function* real(const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

using Write = ssize_t(int, const void*, size_t, off64_t);
ssize_t write_really(int file, const void* bytes, std::size_t count, off64_t offset) {
    static Write* const function = real<Write>("pwrite64");
    return function(file, bytes, count, offset);
}

std::string path_of(int file) {
    char path[PATH_MAX];
    const std::string link = "/proc/self/fd/" + std::to_string(file);
    const ssize_t size = readlink(link.c_str(), path, sizeof path);
    return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : std::string{};
}

bool is_log(int file) { return path_of(file).ends_with("-wal"); }

/// What the disk would not have after a power cut: all that was written since the last sync of the file.
class Unsynced {
public:
    /// Before these bytes of the file change.
    void note(int file, std::size_t count, off64_t offset) {
        struct stat status{};
        if (fstat(file, &status) != 0) return;
        Piece piece{.number = ++last_, .path = path_of(file), .offset = offset, .size = status.st_size, .before = {}};
        piece.before.resize(count);
        const ssize_t had = pread64(file, piece.before.data(), count, offset);
        piece.before.resize(had > 0 ? static_cast<std::size_t>(had) : 0);
        pieces_.push_back(std::move(piece));
    }
    void synced(const std::string& path, std::uint64_t up_to) {
        std::erase_if(pieces_, [&](const Piece& piece) { return piece.path == path && piece.number <= up_to; });
    }
    void undo() {
        for (auto piece = pieces_.rbegin(); piece != pieces_.rend(); ++piece) {
            // Left open: to close it would give up SQLite's locks.
            const int file = open(piece->path.c_str(), O_RDWR | O_CLOEXEC);
            if (file < 0) continue;
            write_really(file, piece->before.data(), piece->before.size(), piece->offset);
            if (ftruncate(file, piece->size) != 0) _exit(1);
        }
    }
    [[nodiscard]] std::uint64_t last() const { return last_; }
    std::mutex mutex;  ///< guards all of it, and what is written meanwhile

private:
    struct Piece {
        std::uint64_t number;
        std::string path;
        off64_t offset;
        off64_t size;  ///< the file's
        std::string before;
    };
    std::vector<Piece> pieces_;
    std::uint64_t last_ = 0;
};

/// Never destroyed: threads write until the very end.
Unsynced& unsynced() {
    static auto* const all = new Unsynced;
    return *all;
}

[[noreturn]] void crash() {
    // Held until the end, so that nobody writes what would be there after all.
    unsynced().mutex.lock();
    if (plan().forgets) unsynced().undo();
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/// The thread has written the message to the log, and not synced it yet.
thread_local bool has_written = false;

int sync(int file, const char* name) {
    const bool commits = has_written && is_log(file);
    if (commits && plan().is("before-commit")) crash();
    std::uint64_t up_to = 0;
    if (plan().forgets) {
        const std::lock_guard lock{unsynced().mutex};
        up_to = unsynced().last();
    }
    const int result = plan().lies ? 0 : real<int(int)>(name)(file);
    if (plan().forgets && !plan().lies && result == 0) {
        const std::lock_guard lock{unsynced().mutex};
        unsynced().synced(path_of(file), up_to);
    }
    if (commits && plan().is("after-commit")) crash();
    if (commits) has_written = false;
    return result;
}

/// Whom the message came from.
std::atomic<int> sender = -1;

/// The newest 'h' among what is sent; 0: none.
unsigned long acknowledged(std::string_view bytes) {
    constexpr std::string_view start = "<a xmlns='urn:xmpp:sm:3' h='";
    const std::size_t place = bytes.rfind(start);
    unsigned long h = 0;
    if (place != std::string_view::npos) std::from_chars(bytes.data() + place + start.size(), bytes.end(), h);
    return h;
}

}  // namespace

// The names are those of the C library, which we stand in for.
extern "C" {

ssize_t recv(int socket, void* bytes, size_t count, int flags) {
    static auto* const function = real<ssize_t(int, void*, size_t, int)>("recv");
    const ssize_t got = function(socket, bytes, count, flags);
    if (got > 0 && plan().marks({static_cast<const char*>(bytes), static_cast<std::size_t>(got)})) sender = socket;
    return got;
}

ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t offset) {
    if (plan().marks({static_cast<const char*>(bytes), count}) && is_log(file)) {
        if (plan().is("before-write")) crash();
        has_written = true;
    }
    if (!plan().forgets) return write_really(file, bytes, count, offset);
    const std::lock_guard lock{unsynced().mutex};
    unsynced().note(file, count, offset);
    return write_really(file, bytes, count, offset);
}

int ftruncate64(int file, off64_t size) noexcept {
    static auto* const function = real<int(int, off64_t)>("ftruncate64");
    if (!plan().forgets) return function(file, size);
    const std::lock_guard lock{unsynced().mutex};
    struct stat status{};
    if (fstat(file, &status) == 0 && status.st_size > size)
        unsynced().note(file, static_cast<std::size_t>(status.st_size - size), size);
    return function(file, size);
}

int fdatasync(int file) { return sync(file, "fdatasync"); }
int fsync(int file) { return sync(file, "fsync"); }

/// What must not leave before the crash meets a socket that takes nothing.
ssize_t send(int socket, const void* bytes, size_t count, int flags) {
    static auto* const function = real<ssize_t(int, const void*, size_t, int)>("send");
    const std::string_view text{static_cast<const char*>(bytes), count};
    const bool acknowledges = socket == sender && acknowledged(text) >= plan().h;
    const bool delivers = plan().marks(text);
    const bool waits = (delivers && plan().is("after-ack")) || (acknowledges && plan().is("after-delivery"));
    if (waits) {
        errno = EAGAIN;
        return -1;
    }
    const ssize_t sent = function(socket, bytes, count, flags);
    const bool ends = (acknowledges && plan().is("after-ack")) || (delivers && plan().is("after-delivery"));
    if (ends && sent == static_cast<ssize_t>(count)) crash();
    return sent;
}

}  // extern "C"
