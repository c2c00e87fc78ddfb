#include "cli/report_text.h"

#include <gmock/gmock.h>

namespace aldis::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Timestamp at(std::int64_t seconds) { return Timestamp{std::chrono::seconds{seconds}}; }

db::Report report() {
    return {.id = 7,
            .reporter = "juliet@capulet.com",
            .about = "tybalt@capulet.com",
            .reason = "urn:xmpp:reporting:abuse",
            .texts = {"He does\nnot stop."},
            .third_party = true,
            .at = at(1'700'000'000),
            .messages = 2,
            .evidence = {{.at = at(1'699'999'000),
                          .named = true,
                          .stanza = "<message from='tybalt@capulet.com/street' to='juliet@capulet.com'>"
                                    "<body>Turn &lt;thee&gt;</body></message>"},
                         {.at = at(1'699'999'001), .named = true, .stanza = "broken"}}};
}

TEST(ReportText, SaysAllOnOneLine) {
    EXPECT_EQ(line_of(report()),
              "7: 2023-11-14T22:13:20Z juliet@capulet.com reports tybalt@capulet.com for abuse, 2 messages: "
              "He does not stop.");
    db::Report resolved = report();
    resolved.texts.clear();
    resolved.messages = 0;
    resolved.resolved = at(1'700'000'001);
    EXPECT_THAT(line_of(resolved), HasSubstr("for abuse, no messages, resolved"));
}

TEST(ReportText, ShowsWhatTheMessagesSay) {
    EXPECT_EQ(text_of(report()),
              "Report 7\n"
              "  about       tybalt@capulet.com\n"
              "  by          juliet@capulet.com\n"
              "  at          2023-11-14T22:13:20Z\n"
              "  reason      abuse\n"
              "  says        He does not stop.\n"
              "  may go to   third parties\n"
              "  state       open\n"
              "Messages that it names:\n"
              "  2023-11-14T21:56:40Z tybalt@capulet.com/street: Turn <thee>\n"
              "  2023-11-14T21:56:41Z broken\n");
}

TEST(ReportText, NothingCommandsTheTerminal) {
    db::Report evil = report();
    evil.reason = "\x1b[2Jurn";
    evil.texts = {"a\u009b31mb\x7f\u00e9"};
    evil.evidence = {{.at = at(1), .stanza = "<message from='a@b'><body>&#x9b;31m</body></message>"}};
    for (const std::string& text : {line_of(evil), text_of(evil)}) {
        EXPECT_THAT(text, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\u009b")), Not(HasSubstr("\x7f"))));
        EXPECT_THAT(text, HasSubstr("a?31mb?\u00e9"));
    }
}

TEST(ReportText, IsJsonForPrograms) {
    EXPECT_THAT(json_of(report()), AllOf(HasSubstr("\"number\": 7"), HasSubstr("\"resolved\": \"\""),
                                         HasSubstr("\"stanza\": \"<message"), HasSubstr("\"third_party\": true")));
}

}  // namespace
}  // namespace aldis::cli
