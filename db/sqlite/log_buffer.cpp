#include "db/sqlite/log_buffer.h"

#include <sqlite3.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <new>

namespace aldis::db::sqlite {

namespace {

/// The machine's VFS writes no more than 2^17 - 1 bytes at once.
constexpr std::size_t capacity = 127 << 10;

/// An open log. SQLite allocates it, knows it by its first member, and appends the real file to it.
struct LogFile {
    sqlite3_file base{};
    std::unique_ptr<char[]> gathered;
    std::size_t size = 0;
    sqlite3_int64 offset = 0;  ///< where the gathered bytes belong

    [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    [[nodiscard]] const sqlite3_io_methods& io() { return *real()->pMethods; }
};

LogFile& log_of(sqlite3_file* file) { return *reinterpret_cast<LogFile*>(file); }

int flush(LogFile& log) {
    const std::size_t size = std::exchange(log.size, 0);
    if (size == 0) return SQLITE_OK;
    return log.io().xWrite(log.real(), log.gathered.get(), static_cast<int>(size), log.offset);
}

int write_log(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    LogFile& log = log_of(file);
    const auto size = static_cast<std::size_t>(count);
    const bool follows = log.size > 0 && offset == log.offset + static_cast<sqlite3_int64>(log.size);
    if (log.size > 0 && (!follows || log.size + size > capacity)) {
        if (const int code = flush(log); code != SQLITE_OK) return code;
    }
    if (size > capacity) return log.io().xWrite(log.real(), bytes, count, offset);
    if (log.size == 0) log.offset = offset;
    std::memcpy(log.gathered.get() + log.size, bytes, size);
    log.size += size;
    return SQLITE_OK;
}

int read_log(sqlite3_file* file, void* bytes, int count, sqlite3_int64 offset) {
    LogFile& log = log_of(file);
    const int code = flush(log);
    return code == SQLITE_OK ? log.io().xRead(log.real(), bytes, count, offset) : code;
}

int truncate_log(sqlite3_file* file, sqlite3_int64 size) {
    LogFile& log = log_of(file);
    const int code = flush(log);
    return code == SQLITE_OK ? log.io().xTruncate(log.real(), size) : code;
}

int sync_log(sqlite3_file* file, int flags) {
    LogFile& log = log_of(file);
    const int code = flush(log);
    return code == SQLITE_OK ? log.io().xSync(log.real(), flags) : code;
}

int size_of_log(sqlite3_file* file, sqlite3_int64* size) {
    LogFile& log = log_of(file);
    const int code = flush(log);
    return code == SQLITE_OK ? log.io().xFileSize(log.real(), size) : code;
}

/// What has not been synced was not committed: it may go with the file.
int close_log(sqlite3_file* file) {
    LogFile& log = log_of(file);
    flush(log);
    const int code = log.io().xClose(log.real());
    log.~LogFile();
    return code;
}

int control_log(sqlite3_file* file, int operation, void* argument) {
    LogFile& log = log_of(file);
    return log.io().xFileControl(log.real(), operation, argument);
}

// SQLite takes no locks on its log, but a method has to be there.
int lock_log(sqlite3_file* file, int level) { return log_of(file).io().xLock(log_of(file).real(), level); }
int unlock_log(sqlite3_file* file, int level) { return log_of(file).io().xUnlock(log_of(file).real(), level); }
int log_is_reserved(sqlite3_file* file, int* out) {
    return log_of(file).io().xCheckReservedLock(log_of(file).real(), out);
}
int sector_of_log(sqlite3_file* file) { return log_of(file).io().xSectorSize(log_of(file).real()); }
int device_of_log(sqlite3_file* file) { return log_of(file).io().xDeviceCharacteristics(log_of(file).real()); }

constexpr sqlite3_io_methods methods_of_log() {
    sqlite3_io_methods methods{};
    methods.iVersion = 1;
    methods.xClose = close_log;
    methods.xRead = read_log;
    methods.xWrite = write_log;
    methods.xTruncate = truncate_log;
    methods.xSync = sync_log;
    methods.xFileSize = size_of_log;
    methods.xLock = lock_log;
    methods.xUnlock = unlock_log;
    methods.xCheckReservedLock = log_is_reserved;
    methods.xFileControl = control_log;
    methods.xSectorSize = sector_of_log;
    methods.xDeviceCharacteristics = device_of_log;
    return methods;
}

constexpr sqlite3_io_methods log_methods = methods_of_log();

int open_file(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* flags_out) {
    sqlite3_vfs* machine = sqlite3_vfs_find(nullptr);
    if (!(flags & SQLITE_OPEN_WAL)) return machine->xOpen(machine, name, file, flags, flags_out);
    auto* log = new (file) LogFile;
    log->gathered.reset(new (std::nothrow) char[capacity]);
    const int code = log->gathered ? machine->xOpen(machine, name, log->real(), flags, flags_out) : SQLITE_NOMEM;
    if (code == SQLITE_OK) {
        log->base.pMethods = &log_methods;
    } else {
        log->~LogFile();
        file->pMethods = nullptr;
    }
    return code;
}

constexpr const char* name_of_vfs = "aldis-buffered-log";

sqlite3_vfs* registered() {
    static sqlite3_vfs vfs = [] {
        sqlite3_vfs made = *sqlite3_vfs_find(nullptr);
        made.zName = name_of_vfs;
        made.pNext = nullptr;
        made.szOsFile += static_cast<int>(sizeof(LogFile));
        made.xOpen = open_file;
        return made;
    }();
    static const int code = sqlite3_vfs_register(&vfs, 0);
    return code == SQLITE_OK ? &vfs : nullptr;
}

}  // namespace

const char* buffered_log_vfs() { return registered() ? name_of_vfs : nullptr; }

}  // namespace aldis::db::sqlite
