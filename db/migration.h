#pragma once

#include <span>
#include <string_view>

#include "db/connection.h"

namespace aldis::db {

/// One step of a schema. Once released it is never changed: the next one is appended.
struct Migration {
    int version;      ///< 1, 2, 3 ...
    const char* sql;  ///< several statements, if need be
};

/// The tables of one component (a store, or a module that has its own) and how they came to be.
struct Schema {
    std::string_view component;
    std::span<const Migration> migrations;
};

/// Brings every component to its newest version, all in one transaction, and records it in schema_versions.
/// @throws db::Error  Fault::newer: the database is of a newer release than this program
void migrate(Connection& connection, std::span<const Schema> schemas);

}  // namespace aldis::db
