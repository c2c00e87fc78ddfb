#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "db/error.h"
#include "db/value.h"

namespace aldis::db {

/// SQL as a literal of the source: what comes from the network cannot become part of a statement. Placeholders are
/// $1, $2 ... in the order of their first appearance, which SQLite and PostgreSQL both understand.
class Sql {
public:
    consteval Sql(const char* text) : text_{text} {}
    [[nodiscard]] const char* text() const { return text_; }

private:
    const char* text_;
};

/// A prepared statement of one engine, kept by its connection.
class Statement {
public:
    virtual ~Statement() = default;
    virtual bool step() = 0;
    virtual void reset() noexcept = 0;
    [[nodiscard]] virtual bool is_null(int column) const = 0;
    [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
    [[nodiscard]] virtual std::string_view bytes(int column) const = 0;
};

/// The rows that a query finds, one at a time. What text() returns lives until the next call of next().
class Rows {
public:
    explicit Rows(Statement& statement) : statement_{&statement} {}
    Rows(Rows&& other) noexcept : statement_{std::exchange(other.statement_, nullptr)} {}
    Rows& operator=(Rows&&) = delete;
    ~Rows() {
        if (statement_) statement_->reset();
    }

    [[nodiscard]] bool next() { return statement_->step(); }
    [[nodiscard]] bool is_null(int column) const { return statement_->is_null(column); }
    [[nodiscard]] std::int64_t integer(int column) const { return statement_->integer(column); }
    [[nodiscard]] std::string_view text(int column) const { return statement_->bytes(column); }
    [[nodiscard]] std::string_view blob(int column) const { return statement_->bytes(column); }

private:
    Statement* statement_;
};

/// A connection of one thread to the database. Statements are prepared once and found again by the address of their
/// literal. Everything throws db::Error.
class Connection {
public:
    virtual ~Connection() = default;

    /// Runs a statement that returns no rows. @return how many rows it changed
    template <class... Values>
    std::int64_t run(Sql sql, const Values&... values) {
        const std::array<Value, sizeof...(values)> bound{Value{values}...};
        return execute(sql.text(), bound);
    }

    /// Starts a query. The same query must not be started again while its rows are being read.
    template <class... Values>
    [[nodiscard]] Rows query(Sql sql, const Values&... values) {
        const std::array<Value, sizeof...(values)> bound{Value{values}...};
        return Rows{start(sql.text(), bound)};
    }

    /// Runs several statements that take no values.
    virtual void script(const std::string& sql) = 0;

    /// What a connection may do in a transaction.
    enum class Access : std::uint8_t { read, write };
    virtual void begin(Access access) = 0;
    virtual void commit() = 0;
    /// Ends the transaction, if there is one, as if it had not been.
    virtual void roll_back() noexcept = 0;
    /// A transaction within the transaction.
    virtual void save_point() = 0;
    virtual void release() = 0;
    virtual void roll_back_to_save_point() = 0;
    /// What the engine does when nobody waits for it: the writer calls it between transactions.
    virtual void upkeep() {}
    /// True once after somebody else, say another process, has changed the database.
    [[nodiscard]] virtual bool changed_elsewhere() = 0;

protected:
    virtual std::int64_t execute(const char* sql, std::span<const Value> values) = 0;
    virtual Statement& start(const char* sql, std::span<const Value> values) = 0;
};

}  // namespace aldis::db
