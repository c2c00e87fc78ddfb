#include "modules/mam/page.h"

#include <gtest/gtest.h>

#include "read.h"

namespace aldis::modules::mam {
namespace {

constexpr PageSizes sizes{.usual = 50, .largest = 250};

Result<db::ArchiveRange> range(const std::string& inside) {
    return range_of(payload_of<xep::mam::Query>("<query xmlns='urn:xmpp:mam:2'>" + inside + "</query>"), sizes);
}

std::string form(const std::string& fields) {
    return "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value>"
           "</field>" +
           fields + "</x>";
}
std::string field(const std::string& name, const std::string& value) {
    return "<field var='" + name + "'><value>" + value + "</value></field>";
}
std::string set(const std::string& inside) {
    return "<set xmlns='http://jabber.org/protocol/rsm'>" + inside + "</set>";
}
std::string id(std::int64_t number) { return db::ArchiveId{number}.text(); }

Condition refusal(const Result<db::ArchiveRange>& range) {
    return range ? Condition::undefined_condition : range.error().condition;
}

TEST(MamRange, WithoutConditionsIsTheFirstPageOfEverything) {
    const Result<db::ArchiveRange> all = range("");
    ASSERT_TRUE(all);
    EXPECT_EQ(all->max, 50U);
    EXPECT_FALSE(all->with || all->start || all->end || all->after || all->before || all->last_page);
    EXPECT_TRUE(all->count);
    EXPECT_FALSE(goes_back(*all));
}

TEST(MamRange, CutsLargeRequests) {
    EXPECT_EQ(range(set("<max>10</max>"))->max, 10U);
    EXPECT_EQ(range(set("<max>4000000000</max>"))->max, 250U);
    EXPECT_EQ(range(set("<max>0</max>"))->max, 0U);
}

TEST(MamRange, TakesABareAddressForAllItsResources) {
    const Result<db::ArchiveRange> bare = range(form(field("with", "Juliet@capulet.lit")));
    EXPECT_EQ(bare->with, "juliet@capulet.lit");
    EXPECT_FALSE(bare->with_resource);
    const Result<db::ArchiveRange> full = range(form(field("with", "juliet@capulet.lit/balcony")));
    EXPECT_EQ(full->with, "juliet@capulet.lit");
    EXPECT_EQ(full->with_resource, "balcony");
}

TEST(MamRange, TakesTimes) {
    const Result<db::ArchiveRange> times =
        range(form(field("start", "1970-01-01T00:00:01Z") + field("end", "1970-01-01T00:00:02.5Z")));
    EXPECT_EQ(times->start, Timestamp{std::chrono::seconds{1}});
    EXPECT_EQ(times->end, Timestamp{std::chrono::milliseconds{2500}});
}

TEST(MamRange, TakesIds) {
    const Result<db::ArchiveRange> ids =
        range(form(field("after-id", id(3)) + field("before-id", id(9)) + "<field var='ids'><value>" + id(5) +
                   "</value><value>" + id(4) + "</value></field>"));
    ASSERT_TRUE(ids);
    EXPECT_EQ(ids->after_id, db::ArchiveId{3});
    EXPECT_EQ(ids->before_id, db::ArchiveId{9});
    EXPECT_EQ(ids->ids, (std::vector{db::ArchiveId{5}, db::ArchiveId{4}}));
}

TEST(MamRange, PagesForwardAndBack) {
    const Result<db::ArchiveRange> forward = range(set("<max>2</max><after>" + id(7) + "</after>"));
    EXPECT_EQ(forward->after, db::ArchiveId{7});
    EXPECT_FALSE(goes_back(*forward));
    EXPECT_FALSE(forward->count);
    const Result<db::ArchiveRange> back = range(set("<before>" + id(7) + "</before>"));
    EXPECT_EQ(back->before, db::ArchiveId{7});
    EXPECT_TRUE(goes_back(*back));
    const Result<db::ArchiveRange> last = range(set("<before/>"));
    EXPECT_TRUE(last->last_page);
    EXPECT_FALSE(last->before);
    EXPECT_TRUE(goes_back(*last));
}

TEST(MamRange, CountsWhereNothingElseIsAskedFor) {
    EXPECT_TRUE(range(set("<max>0</max><after>" + id(7) + "</after>"))->count);
}

TEST(MamRange, RefusesIdsThatAreNone) {
    for (const char* const name : {"before-id", "after-id", "ids"})
        EXPECT_EQ(refusal(range(form(field(name, "nothing-like-that")))), Condition::item_not_found) << name;
    EXPECT_EQ(refusal(range(set("<after>nothing-like-that</after>"))), Condition::item_not_found);
    EXPECT_EQ(refusal(range(set("<before>nothing-like-that</before>"))), Condition::item_not_found);
    EXPECT_EQ(refusal(range(set("<after/>"))), Condition::item_not_found);
}

TEST(MamRange, RefusesWhatItDoesNotKnow) {
    EXPECT_EQ(refusal(range(form(field("{http://example.com/}mood", "sad")))), Condition::feature_not_implemented);
    EXPECT_EQ(refusal(range(set("<index>10</index>"))), Condition::feature_not_implemented);
    const auto of_node = payload_of<xep::mam::Query>("<query xmlns='urn:xmpp:mam:2' node='blog'/>");
    EXPECT_EQ(refusal(range_of(of_node, sizes)), Condition::feature_not_implemented);
    EXPECT_EQ(refusal(range("<x xmlns='jabber:x:data' type='submit'/>")), Condition::bad_request);
}

TEST(MamRange, RefusesMalformedValues) {
    EXPECT_EQ(refusal(range(form(field("start", "yesterday")))), Condition::not_acceptable);
    EXPECT_EQ(refusal(range(form(field("with", "ju liet@")))), Condition::not_acceptable);
}

TEST(MamRange, RefusesMoreIdsThanAPageHolds) {
    std::string values;
    for (std::int64_t i = 1; i <= 251; ++i) values += "<value>" + id(i) + "</value>";
    EXPECT_EQ(refusal(range(form("<field var='ids'>" + values + "</field>"))), Condition::not_acceptable);
}

TEST(MamRange, UnderstandsIncludeGroupchatAlthoughThereIsNone) {
    EXPECT_TRUE(range(form(field("include-groupchat", "true"))));
}

db::ArchivePage page_of(std::initializer_list<std::int64_t> ids, std::optional<std::uint64_t> count = {}) {
    db::ArchivePage page{.count = count};
    for (const std::int64_t number : ids) page.entries.push_back({.id = db::ArchiveId{number}, .stanza = "12345"});
    return page;
}

std::vector<std::int64_t> ids_of(const db::ArchivePage& page) {
    std::vector<std::int64_t> ids;
    for (const db::ArchivedMessage& entry : page.entries) ids.push_back(entry.id.number());
    return ids;
}

TEST(MamPage, IsCutAtItsSize) {
    db::ArchivePage page = page_of({1, 2, 3});
    cut(page, {}, 15);
    EXPECT_EQ(ids_of(page), (std::vector<std::int64_t>{1, 2, 3}));
    EXPECT_TRUE(page.complete);
    cut(page, {}, 14);
    EXPECT_EQ(ids_of(page), (std::vector<std::int64_t>{1, 2}));
    EXPECT_FALSE(page.complete);
}

TEST(MamPage, IsCutInTheDirectionOfPaging) {
    db::ArchivePage page = page_of({1, 2, 3});
    cut(page, {.last_page = true}, 10);
    EXPECT_EQ(ids_of(page), (std::vector<std::int64_t>{2, 3}));
    EXPECT_FALSE(page.complete);
}

TEST(MamPage, HasOneMessageHoweverLarge) {
    db::ArchivePage page = page_of({1, 2, 3});
    cut(page, {}, 1);
    EXPECT_EQ(ids_of(page), std::vector<std::int64_t>{1});
}

TEST(MamFin, TellsTheBounds) {
    const xep::mam::Fin fin = fin_of(page_of({1, 2, 3}, 20), {});
    EXPECT_TRUE(fin.complete);
    EXPECT_EQ(fin.set.first->id, id(1));
    EXPECT_EQ(fin.set.first->index, 0U);
    EXPECT_EQ(fin.set.last, id(3));
    EXPECT_EQ(fin.set.count, 20U);
}

TEST(MamFin, TellsWhereTheLastPageBegins) {
    EXPECT_EQ(fin_of(page_of({1, 2, 3}, 20), {.last_page = true}).set.first->index, 17U);
    EXPECT_FALSE(fin_of(page_of({1, 2, 3}), {.last_page = true}).set.first->index);
    EXPECT_FALSE(fin_of(page_of({1, 2, 3}), {.after = db::ArchiveId{7}}).set.first->index);
}

TEST(MamFin, OfAnEmptyPageHasNoBounds) {
    const xep::mam::Fin fin = fin_of(page_of({}, 0), {});
    EXPECT_FALSE(fin.set.first || fin.set.last);
    EXPECT_EQ(fin.set.count, 0U);
}

}  // namespace
}  // namespace aldis::modules::mam
