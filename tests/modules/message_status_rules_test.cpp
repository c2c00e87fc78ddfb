#include "modules/message_status_rules.h"

#include <gtest/gtest.h>

#include "read.h"

namespace aldis::modules::message_status {
namespace {

using Kind = db::StatusEvent::Kind;

struct InterestCase {
    const char* name;
    bool interesting;
    const char* message;
};

constexpr InterestCase interest_cases[] = {
    {"Chat", true, "<message type='chat' id='1'><body>hi</body></message>"},
    {"Normal", true, "<message id='1'><body>hi</body></message>"},
    {"Encrypted", true,
     "<message type='chat' id='1'><encrypted xmlns='urn:xmpp:omemo:2'/><encryption xmlns='urn:xmpp:eme:0' "
     "namespace='urn:xmpp:omemo:2'/></message>"},
    {"OffTheRecord", false, "<message type='chat' id='1'><body>hi</body><no-store xmlns='urn:xmpp:hints'/></message>"},
    {"NotToStay", false,
     "<message type='chat' id='1'><body>hi</body><no-permanent-store xmlns='urn:xmpp:hints'/></message>"},
    {"WithoutId", false, "<message type='chat'><body>hi</body></message>"},
    {"WithoutBody", false,
     "<message type='chat' id='1'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>"},
    {"Groupchat", false, "<message type='groupchat' id='1'><body>hi</body></message>"},
    {"Headline", false, "<message type='headline' id='1'><body>hi</body></message>"},
    {"Error", false, "<message type='error' id='1'><body>hi</body></message>"},
};

class MessageStatusInterest : public testing::TestWithParam<InterestCase> {};

TEST_P(MessageStatusInterest, IsAsItShouldBe) {
    EXPECT_EQ(is_of_interest(message_of(GetParam().message)), GetParam().interesting);
}

INSTANTIATE_TEST_SUITE_P(Rules, MessageStatusInterest, testing::ValuesIn(interest_cases),
                         [](const testing::TestParamInfo<InterestCase>& info) { return std::string{info.param.name}; });

struct NewsCase {
    const char* name;
    std::optional<Kind> kind;
    const char* message;
};

constexpr NewsCase news_cases[] = {
    {"Receipt", Kind::delivered, "<message><received xmlns='urn:xmpp:receipts' id='m'/></message>"},
    {"Displayed", Kind::displayed, "<message><displayed xmlns='urn:xmpp:chat-markers:0' id='m'/></message>"},
    {"OlderReceivedMarker", Kind::delivered_to,
     "<message type='chat'><received xmlns='urn:xmpp:chat-markers:0' id='m'/></message>"},
    {"OlderAcknowledgedMarker", Kind::displayed,
     "<message type='chat'><acknowledged xmlns='urn:xmpp:chat-markers:0' id='m'/></message>"},
    {"MarkerBesideReceipt", Kind::displayed,
     "<message><received xmlns='urn:xmpp:receipts' id='m'/><displayed xmlns='urn:xmpp:chat-markers:0' "
     "id='m'/></message>"},
    {"ReceiptWithoutId", std::nullopt, "<message><received xmlns='urn:xmpp:receipts'/></message>"},
    {"ReceiptInARoom", std::nullopt,
     "<message type='groupchat'><received xmlns='urn:xmpp:receipts' id='m'/></message>"},
    {"RefusedReceipt", std::nullopt, "<message type='error'><received xmlns='urn:xmpp:receipts' id='m'/></message>"},
    {"Request", std::nullopt, "<message><body>hi</body><request xmlns='urn:xmpp:receipts'/></message>"},
    {"Carbon", std::nullopt, "<message><received xmlns='urn:xmpp:carbons:2' id='m'/></message>"},
};

class MessageStatusNews : public testing::TestWithParam<NewsCase> {};

TEST_P(MessageStatusNews, AreWhatTheMessageTells) {
    const std::optional<News> news = news_in(message_of(GetParam().message));
    ASSERT_EQ(news.has_value(), GetParam().kind.has_value());
    if (!news) return;
    EXPECT_EQ(news->kind, *GetParam().kind);
    EXPECT_EQ(news->id, "m");
}

INSTANTIATE_TEST_SUITE_P(Rules, MessageStatusNews, testing::ValuesIn(news_cases),
                         [](const testing::TestParamInfo<NewsCase>& info) { return std::string{info.param.name}; });

TEST(MessageStatusRules, NewsNameNoMessageByAnIdThatIsNotKept) {
    const auto news_of = [](std::size_t size) {
        return news_in(
            message_of("<message><received xmlns='urn:xmpp:receipts' id='" + std::string(size, 'x') + "'/></message>"));
    };
    EXPECT_TRUE(news_of(db::MessageStatus::longest_id));
    EXPECT_FALSE(news_of(db::MessageStatus::longest_id + 1));
}

TEST(MessageStatusCommand, AsksWithAForm) {
    EXPECT_EQ(xml::to_string(xml::build(blank()).root()),
              "<x xmlns='jabber:x:data' type='form'><title>What became of my messages</title><instructions>Name a "
              "contact, and a message by its id; or else the last messages are told.</instructions><field "
              "var='FORM_TYPE' type='hidden'><value>message-status</value></field><field var='with' type='jid-single' "
              "label='Contact'><required/></field><field var='id' type='text-single' label='Id of one message'/><field "
              "var='max' type='text-single' label='Number of messages, the newest first'><validate "
              "xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:unsignedInt'><range min='1'/></validate>"
              "<value>20</value></field></x>");
}

std::optional<Question> question(std::string_view fields) {
    const auto checked = xep::dataforms::check(
        blank(), payload_of<xep::dataforms::Form>(
                     std::string{"<x xmlns='jabber:x:data' type='submit'>"}.append(fields).append("</x>")));
    if (!checked) return std::nullopt;
    return xep::dataforms::read<Question>(*checked).value();
}

TEST(MessageStatusCommand, ReadsWhatIsFilledIn) {
    const std::optional<Question> all = question(
        "<field var='FORM_TYPE'><value>message-status</value></field><field var='with'><value>juliet@localhost</value>"
        "</field><field var='id'><value>m1</value></field><field var='max'><value>5</value></field>");
    ASSERT_TRUE(all);
    EXPECT_EQ(all->with, jid("juliet@localhost"));
    EXPECT_EQ(all->id, "m1");
    EXPECT_EQ(all->max, 5U);
    const std::optional<Question> least =
        question("<field var='with'><value>juliet@localhost</value></field><field var='id'><value/></field>");
    ASSERT_TRUE(least);
    EXPECT_FALSE(least->id);
    EXPECT_EQ(least->max, Question::usual);
}

TEST(MessageStatusCommand, RefusesWhatItCannotRead) {
    EXPECT_FALSE(question(""));
    EXPECT_FALSE(question("<field var='with'><value/></field>"));
    EXPECT_FALSE(question("<field var='with'><value>@</value></field>"));
    EXPECT_FALSE(question("<field var='with'><value>a@b</value></field><field var='max'><value>-1</value></field>"));
    EXPECT_FALSE(
        question("<field var='with'><value>a@b</value></field>"
                 "<field var='max'><value>99999999999</value></field>"));
    EXPECT_FALSE(question("<field var='FORM_TYPE'><value>urn:example</value></field>"));
}

TEST(MessageStatusCommand, AnswersWithATable) {
    const std::vector<db::MessageState> states{{.id = "m2", .sent = Timestamp{std::chrono::seconds{2}}},
                                               {.id = "m1",
                                                .sent = Timestamp{std::chrono::seconds{1}},
                                                .delivered = Timestamp{std::chrono::seconds{3}},
                                                .displayed = Timestamp{std::chrono::seconds{4}}}};
    const xep::dataforms::Form form = table(states);
    ASSERT_TRUE(form.reported);
    EXPECT_EQ(form.kind, xep::dataforms::Kind::result);
    // XEP-0004 "Multiple Items in Form Results": no fields beside them.
    EXPECT_TRUE(form.fields.empty());
    EXPECT_EQ(form.reported->fields.size(), 4U);
    ASSERT_EQ(form.items.size(), 2U);
    const auto values_of = [&](std::size_t row) {
        std::vector<std::string> values;
        for (const xep::dataforms::Field& field : form.items[row].fields) values.emplace_back(field.value());
        return values;
    };
    EXPECT_EQ(values_of(0), (std::vector<std::string>{"m2", "1970-01-01T00:00:02Z", "", ""}));
    EXPECT_EQ(values_of(1),
              (std::vector<std::string>{"m1", "1970-01-01T00:00:01Z", "1970-01-01T00:00:03Z", "1970-01-01T00:00:04Z"}));
}

}  // namespace
}  // namespace aldis::modules::message_status
