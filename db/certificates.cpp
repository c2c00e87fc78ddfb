#include "db/certificates.h"

#include "db/column.h"

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     "CREATE TABLE certificates ("
     " number INTEGER PRIMARY KEY,"
     " owner TEXT NOT NULL,"
     " domain TEXT NOT NULL,"
     " name TEXT NOT NULL,"
     " fingerprint BLOB NOT NULL,"
     " no_management INTEGER NOT NULL,"
     " added BIGINT NOT NULL,"
     " der BLOB NOT NULL,"
     " UNIQUE (owner, name));"
     "CREATE UNIQUE INDEX certificates_by_fingerprint ON certificates (fingerprint, domain, owner)"},
};

Certificate certificate_of(const Rows& rows) {
    return {.name = std::string{rows.text(0)},
            .der = std::string{rows.blob(1)},
            .fingerprint = std::string{rows.blob(2)},
            .no_management = rows.integer(3) != 0,
            .added = time_of(rows, 4)};
}

bool full(Connection& connection, std::string_view owner) {
    Rows rows = connection.query("SELECT count(*) FROM certificates WHERE owner = $1", owner);
    return rows.next() && static_cast<std::size_t>(rows.integer(0)) >= Certificates::limit;
}

std::optional<Certificate> named(Connection& connection, std::string_view owner, std::string_view name) {
    Rows rows = connection.query(
        "SELECT name, der, fingerprint, no_management, added FROM certificates WHERE owner = $1 AND name = $2", owner,
        name);
    if (!rows.next()) return std::nullopt;
    return certificate_of(rows);
}

}  // namespace

const std::span<const Migration> Certificates::migrations{steps};

std::optional<Certificate> Certificates::find(Connection& connection, std::string_view owner,
                                              std::string_view fingerprint) {
    Rows rows = connection.query(
        "SELECT name, der, fingerprint, no_management, added FROM certificates"
        " WHERE fingerprint = $1 AND domain = $2 AND owner = $3",
        Blob{fingerprint}, domain_of(owner), owner);
    if (!rows.next()) return std::nullopt;
    return certificate_of(rows);
}

std::vector<std::string> Certificates::owners(Connection& connection, std::string_view domain,
                                              std::string_view fingerprint, std::size_t at_most) {
    Rows rows = connection.query(
        "SELECT owner FROM certificates WHERE fingerprint = $1 AND domain = $2 ORDER BY owner LIMIT $3",
        Blob{fingerprint}, domain, at_most);
    std::vector<std::string> owners;
    while (rows.next()) owners.emplace_back(rows.text(0));
    return owners;
}

std::vector<Certificate> Certificates::list(Connection& connection, std::string_view owner) {
    Rows rows = connection.query(
        "SELECT name, der, fingerprint, no_management, added FROM certificates WHERE owner = $1 ORDER BY name", owner);
    std::vector<Certificate> certificates;
    while (rows.next()) certificates.push_back(certificate_of(rows));
    return certificates;
}

Certificates::Added Certificates::add(Connection& connection, std::string_view owner, const Certificate& certificate) {
    if (certificate.der.size() > largest || certificate.name.size() > longest_name) return Added::too_large;
    if (full(connection, owner)) return Added::too_many;
    const std::int64_t added = connection.run(
        "INSERT INTO certificates (owner, domain, name, fingerprint, no_management, added, der)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        owner, domain_of(owner), certificate.name, Blob{certificate.fingerprint}, certificate.no_management,
        microseconds(certificate.added), Blob{certificate.der});
    return added != 0 ? Added::yes : Added::name_taken;
}

std::optional<Certificate> Certificates::remove(Connection& connection, std::string_view owner, std::string_view name) {
    std::optional<Certificate> removed = named(connection, owner, name);
    connection.run("DELETE FROM certificates WHERE owner = $1 AND name = $2", owner, name);
    return removed;
}

std::uint64_t Certificates::remove_owner(Connection& connection, std::string_view owner) {
    return static_cast<std::uint64_t>(connection.run("DELETE FROM certificates WHERE owner = $1", owner));
}

}  // namespace aldis::db
