#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "xml/element.h"

namespace aldis::session {
class Account;
}

/// Elements of private storage that are kept in another form than the others: XEP-0402 "Compatibility".
namespace aldis::modules::private_storage {

struct Special {
    std::function<Task<Result<xml::Document>>(session::Account&)> get;
    /// Completes when it is on disk.
    std::function<Task<Result<void>>(session::Account&, xml::Document)> set;
};

/// host.slot<Registry>(): by namespace and name; modules register in their constructors.
struct Registry {
    std::map<std::pair<std::string, std::string>, Special> special;

    [[nodiscard]] const Special* find(const xml::Element& element) const {
        const auto place = special.find({std::string{element.ns()}, std::string{element.local()}});
        return place == special.end() ? nullptr : &place->second;
    }
};

}  // namespace aldis::modules::private_storage
