#pragma once

#include <sqlite3.h>

#include <span>

#include "db/connection.h"

namespace aldis::db::sqlite {

class Statement final : public db::Statement {
public:
    Statement(sqlite3* database, const char* sql);
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() override { sqlite3_finalize(statement_); }

    /// Whether values are used before run() returns, or must be copied because rows will be read later.
    enum class Keep : bool { refer, copy };
    void bind(std::span<const Value> values, Keep keep);
    [[nodiscard]] bool busy() const { return sqlite3_stmt_busy(statement_) != 0; }

    bool step() override;
    void reset() noexcept override { sqlite3_reset(statement_); }
    [[nodiscard]] bool is_null(int column) const override {
        return sqlite3_column_type(statement_, column) == SQLITE_NULL;
    }
    [[nodiscard]] std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
    [[nodiscard]] std::string_view bytes(int column) const override;

private:
    int bind_one(int position, const Value& value, Keep keep);
    void check_placeholders() const;

    sqlite3* database_;
    const char* sql_;
    sqlite3_stmt* statement_ = nullptr;
};

}  // namespace aldis::db::sqlite
