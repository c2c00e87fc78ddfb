#pragma once

#include <optional>
#include <string>
#include <vector>

#include "xep/xep0004_data_forms.h"
#include "xep/xep0059_rsm.h"
#include "xep/xep0068_form_types.h"
#include "xep/xep0082_date_time.h"
#include "xep/xep0297_forwarding.h"
#include "xep/xep0431_fulltext_search.h"
#include "xml/schema.h"

/// XEP-0313: Message Archive Management 1.1.3. The preferences are xep/xep0441_mam_preferences.h.
namespace aldis::xep::mam {

inline constexpr std::string_view ns = "urn:xmpp:mam:2";
/// Announces Filter::before_id, after_id and ids, Query::flip_page and Metadata.
inline constexpr std::string_view extended = "urn:xmpp:mam:2#extended";
/// Announces Filter::include_groupchat, and that there is something it could include.
inline constexpr std::string_view groupchat_field = "urn:xmpp:mam:2#groupchat-field";
inline constexpr std::string_view groupchat_available = "urn:xmpp:mam:2#groupchat-available";

/// Asks for a page of the archive (type set), or for the form of Filter (get), which is answered with the same element.
struct Query {
    std::optional<std::string> queryid = {};  ///< to be repeated in each Match
    std::optional<std::string> node = {};     ///< of a pubsub service (XEP-0442)
    std::optional<dataforms::Form> form = {};
    std::optional<rsm::Set> set = {};  ///< its ids are those of the archive
    bool flip_page = false;            ///< the newest first, within the page

    static constexpr auto schema =
        xml::element(ns, "query", xml::attribute<&Query::queryid>("queryid"), xml::attribute<&Query::node>("node"),
                     xml::child<&Query::form>(), xml::child<&Query::set>(), xml::flag<&Query::flip_page>("flip-page"));
};

/// Which messages a Query wants: "Filtering results". All conditions hold at once.
struct Filter {
    std::optional<Jid> with = {};  ///< the other side; a bare JID also stands for all its resources
    std::optional<Timestamp> start = {};
    std::optional<Timestamp> end = {};  ///< both inclusive
    std::optional<std::string> before_id = {};
    std::optional<std::string> after_id = {};  ///< both exclusive
    std::vector<std::string> ids = {};
    std::optional<bool> include_groupchat = {};
    std::optional<std::string> fulltext = {};  ///< XEP-0431: what is looked for in the texts of messages

    static constexpr auto form = dataforms::form(
        ns, dataforms::field<&Filter::with>("with", dataforms::FieldType::jid_single),
        dataforms::field<&Filter::start>("start", dataforms::FieldType::text_single),
        dataforms::field<&Filter::end>("end", dataforms::FieldType::text_single),
        dataforms::field<&Filter::before_id>("before-id", dataforms::FieldType::text_single),
        dataforms::field<&Filter::after_id>("after-id", dataforms::FieldType::text_single),
        // "Retrieving form fields": the ids there are are not listed; any may be given.
        dataforms::open_field<&Filter::ids>("ids", dataforms::FieldType::list_multi),
        dataforms::field<&Filter::include_groupchat>("include-groupchat", dataforms::FieldType::boolean),
        dataforms::field<&Filter::fulltext>(fulltext::field, dataforms::FieldType::text_single));
};

/// The conditions of a query: none where it has no form.
/// @return  feature-not-implemented: a field that is not in Filter; not-acceptable: a malformed value;
///          bad-request: another form
[[nodiscard]] inline Result<Filter> filter_of(const Query& query) {
    return query.form ? dataforms::read<Filter>(*query.form, dataforms::Unknown::refused) : Filter{};
}

/// One message that matches, in a <message/> of its own.
struct Match {
    std::optional<std::string> queryid = {};
    std::string id;  ///< in the archive
    Forwarded forwarded = {};

    static constexpr auto schema = xml::element(ns, "result", xml::attribute<&Match::queryid>("queryid"),
                                                xml::attribute<&Match::id>("id"), xml::child<&Match::forwarded>());
};

/// Follows the matches, as the result of the IQ.
struct Fin {
    bool complete = false;  ///< there is nothing beyond, in the direction of paging
    bool stable = true;     ///< asked again, the answer would be the same
    rsm::Set set = {};

    static constexpr auto schema =
        xml::element(ns, "fin", xml::attribute_or<&Fin::complete>("complete", false),
                     xml::attribute_or<&Fin::stable>("stable", true), xml::child<&Fin::set>());
};

/// One end of an archive.
struct Bound {
    std::string id;
    Timestamp timestamp{};

    static constexpr auto schema =
        xml::element(ns, "start", xml::attribute<&Bound::id>("id"), xml::attribute<&Bound::timestamp>("timestamp"));
};

/// "Archive metadata": the oldest and the newest message; nothing where the archive is empty, or asked about.
struct Metadata {
    std::optional<Bound> start = {};
    std::optional<Bound> end = {};

    static constexpr auto schema =
        xml::element(ns, "metadata", xml::child<&Metadata::start>("start"), xml::child<&Metadata::end>("end"));
};

}  // namespace aldis::xep::mam
