#pragma once

#include <cstddef>
#include <cstdint>

#include "db/archive.h"
#include "xep/xep0313_mam.h"

/// From a query to what the store is asked for, and back: XEP-0313 "Querying an archive", XEP-0059. No side effects.
namespace aldis::modules::mam {

struct PageSizes {
    std::uint32_t usual;    ///< messages, where the client does not say
    std::uint32_t largest;  ///< messages; larger requests are cut to this
};

/// @return  not-acceptable: a malformed value; feature-not-implemented: a field that is not known here, or paging by
///          index; item-not-found: an id that is none of ours; the errors of search::terms_of; bad-request: another
///          form
[[nodiscard]] Result<db::ArchiveRange> range_of(const xep::mam::Query& query, PageSizes sizes);

/// Does paging go towards older messages?
[[nodiscard]] bool goes_back(const db::ArchiveRange& range);

/// Leaves out what goes beyond `bytes` of messages, in the direction of paging, but for the first.
void cut(db::ArchivePage& page, const db::ArchiveRange& range, std::size_t bytes);

/// What follows the page's messages.
[[nodiscard]] xep::mam::Fin fin_of(const db::ArchivePage& page, const db::ArchiveRange& range);

}  // namespace aldis::modules::mam
