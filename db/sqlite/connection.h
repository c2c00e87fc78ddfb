#pragma once

#include <memory>
#include <unordered_map>

#include "db/connection.h"
#include "db/sqlite/checkpointer.h"
#include "db/sqlite/handle.h"
#include "db/sqlite/statement.h"

namespace aldis::db::sqlite {

class Connection final : public db::Connection {
public:
    /// @param checkpointer  for the writer, else null
    Connection(Handle database, std::unique_ptr<Checkpointer> checkpointer);
    ~Connection() override;

    void script(const std::string& sql) override { sqlite::execute(database_.get(), sql.c_str()); }
    void begin(Access access) override;
    void commit() override;
    void roll_back() noexcept override;
    void save_point() override { execute("SAVEPOINT unit", {}); }
    void release() override { execute("RELEASE unit", {}); }
    void roll_back_to_save_point() override;
    void upkeep() override;
    [[nodiscard]] bool changed_elsewhere() override;

protected:
    std::int64_t execute(const char* sql, std::span<const Value> values) override;
    db::Statement& start(const char* sql, std::span<const Value> values) override;

private:
    Statement& prepare(const char* sql);
    static int after_commit(void* self, sqlite3* database, const char* schema, int pages);

    Handle database_;
    std::unordered_map<const char*, std::unique_ptr<Statement>> statements_;  // before the handle closes
    std::unique_ptr<Checkpointer> checkpointer_;
    std::int64_t data_version_ = 0;
    int log_pages_ = 0;
};

}  // namespace aldis::db::sqlite
