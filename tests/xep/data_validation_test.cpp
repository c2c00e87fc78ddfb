#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/xep/examples.h"
#include "xep/xep0068_form_types.h"

namespace aldis::xep::dataforms {
namespace {

using testing::ElementsAre;

struct Case {
    std::string_view datatype;
    std::string_view value;
    bool good;
};

class DatatypeIs : public testing::TestWithParam<Case> {};

TEST_P(DatatypeIs, AsXmlSchemaSays) {
    const Case& given = GetParam();
    EXPECT_EQ(!fault_of({.datatype = std::string{given.datatype}}, given.value), given.good)
        << given.datatype << " " << given.value;
}

INSTANTIATE_TEST_SUITE_P(
    Table, DatatypeIs,
    testing::Values(Case{"xs:string", "anything", true}, Case{"x:unknown", "anything", true},
                    Case{"xs:boolean", "true", true}, Case{"xs:boolean", "yes", false}, Case{"xs:integer", "-12", true},
                    Case{"xs:integer", "123456789012345678901234567890", true}, Case{"xs:integer", "1.5", false},
                    Case{"xs:integer", "", false}, Case{"xs:integer", "0x10", false}, Case{"xs:integer", "--1", false},
                    Case{"xs:byte", "127", true}, Case{"xs:byte", "128", false}, Case{"xs:byte", "-129", false},
                    Case{"xs:int", "2147483648", false}, Case{"xs:long", "9223372036854775807", true},
                    Case{"xs:long", "9223372036854775808", false}, Case{"xs:unsignedByte", "-1", false},
                    Case{"xs:nonNegativeInteger", "-0", true}, Case{"xs:positiveInteger", "0", false},
                    Case{"xs:decimal", "-1.50", true}, Case{"xs:decimal", ".", false}, Case{"xs:decimal", "1e3", false},
                    Case{"xs:double", "1e3", true}, Case{"xs:double", "-INF", true}, Case{"xs:double", "0x1p3", false},
                    Case{"xs:double", "nan", false}, Case{"xs:date", "2003-10-05", true},
                    Case{"xs:date", "2003-10-05Z", true}, Case{"xs:date", "2003-13-05", false},
                    Case{"xs:date", "2003", false}, Case{"xs:time", "11:22:00", true},
                    Case{"xs:time", "11:22:00-07:00", true}, Case{"xs:time", "25:00:00", false},
                    Case{"xs:dateTime", "2003-10-06T11:22:00-07:00", true}, Case{"xs:dateTime", "yesterday", false},
                    Case{"xs:anyURI", "mailto:a@b", true}, Case{"xs:anyURI", "a b", false},
                    Case{"xs:language", "en-US", true}, Case{"xs:language", "e n", false},
                    Case{"xs:language", "-", false}));

std::optional<std::string> in_range(std::string datatype, std::optional<std::string> min,
                                    std::optional<std::string> max, std::string_view value) {
    return fault_of({.datatype = std::move(datatype), .range = Range{.min = std::move(min), .max = std::move(max)}},
                    value);
}

// "range Validation"
TEST(Xep0122, ComparesByTheDatatype) {
    EXPECT_FALSE(in_range("xs:integer", "2", "10", "9"));
    EXPECT_EQ(in_range("xs:integer", "2", "10", "11"), "must be at most 10");
    EXPECT_EQ(in_range("xs:integer", "2", "10", "-9"), "must be at least 2");
    EXPECT_EQ(in_range("xs:integer", "-10", "-2", "-1"), "must be at most -2");
    EXPECT_FALSE(in_range("xs:integer", "-10", {}, "99999999999999999999"));
    EXPECT_FALSE(in_range("xs:decimal", "0.5", "1.5", "1.25"));
    EXPECT_TRUE(in_range("xs:decimal", "0.5", "1.5", "1.51"));
    EXPECT_TRUE(in_range("xs:double", "0", "1", "1e1"));
    EXPECT_FALSE(
        in_range("xs:dateTime", "2003-10-05T00:00:00-07:00", "2003-10-24T23:59:59-07:00", "2003-10-25T06:59:59Z"));
    EXPECT_TRUE(
        in_range("xs:dateTime", "2003-10-05T00:00:00-07:00", "2003-10-24T23:59:59-07:00", "2003-10-25T07:00:00Z"));
    EXPECT_TRUE(in_range("xs:date", "2003-10-05", {}, "2003-10-04"));
    EXPECT_TRUE(in_range("xs:integer", "2", {}, "two"));
    // "If neither attribute is included, the processor MUST assume that there are no range constraints."
    EXPECT_FALSE(in_range("xs:integer", {}, {}, "5"));
}

TEST(Xep0122, MatchesTheWholeValue) {
    const Validate rules{.regex = "([0-9]{3})-([0-9]{2})"};
    EXPECT_FALSE(fault_of(rules, "123-12"));
    EXPECT_TRUE(fault_of(rules, "123-123"));
    EXPECT_FALSE(fault_of({.regex = "("}, "anything")) << "a method that is not understood";
}

TEST(Xep0122, ReadsAndBuildsTheRulesOfTheExamples) {
    const std::string field =
        "<field xmlns='jabber:x:data' var='n' type='list-multi'>"
        "<validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:string'><basic/>"
        "<list-range min='1' max='3'/></validate><option><value>a</value></option></field>";
    const Result<Field> read = parse<Field>(field);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->validate->list_range->max, 3U);
    EXPECT_TRUE(read->validate->basic);
    EXPECT_EQ(round<Field>(field), field);
    const Result<Field> ssn = parse<Field>(
        "<field xmlns='jabber:x:data' var='ssn' type='text-single'><validate "
        "xmlns='http://jabber.org/protocol/xdata-validate'><regex>[0-9]+</regex></validate></field>");
    EXPECT_EQ(ssn->validate->regex, "[0-9]+");
}

// ---- check(): a submission against the form that it answers ----

Field submitted(std::string var, std::vector<std::string> values) {
    return {.var = std::move(var), .values = std::move(values)};
}

enum class Colour : std::uint8_t { red, green };

}  // namespace
}  // namespace aldis::xep::dataforms

template <>
struct aldis::xml::EnumNames<aldis::xep::dataforms::Colour> {
    using enum xep::dataforms::Colour;
    static constexpr std::array values{std::pair{red, std::string_view{"red"}},
                                       std::pair{green, std::string_view{"green"}}};
};

namespace aldis::xep::dataforms {
namespace {

constexpr std::array days{Choice{"mo", "Monday"}, Choice{"tu", "Tuesday"}, Choice{"we", "Wednesday"}};

struct Party {
    std::string name = "Ball";
    std::uint32_t guests = 2;
    std::vector<Jid> invited = {};
    std::vector<std::string> on = {"mo"};
    Colour colour = Colour::green;
    std::optional<bool> masked = {};
    std::optional<std::string> secret = {};
    std::vector<std::string> notes = {};

    static constexpr auto form = dataforms::form(
        "urn:example:party", field<&Party::name>("name", FieldType::text_single).labelled("Name").needed(),
        field<&Party::guests>("guests", FieldType::text_single).labelled("Guests").between("xs:integer", "1", "100"),
        field<&Party::invited>("invited", FieldType::jid_multi).labelled("Invited").described("Whoever may come."),
        field<&Party::on>("on", FieldType::list_multi).labelled("On").choices(days).counting(1, 2),
        field<&Party::colour>("colour", FieldType::list_single), field<&Party::masked>("masked", FieldType::boolean),
        field<&Party::secret>("secret", FieldType::text_private).matching("[a-z]{3,}"),
        field<&Party::notes>("notes", FieldType::text_multi));
};

Form shown() { return filled(Party{}, Kind::form); }

std::expected<Party, Problem> submit(std::vector<Field> fields) {
    const auto checked = check(shown(), {.kind = Kind::submit, .fields = std::move(fields)});
    if (!checked) return std::unexpected{checked.error()};
    return read<Party>(*checked).value();
}

std::string why(std::vector<Field> fields) {
    const auto outcome = submit(std::move(fields));
    return outcome ? "" : outcome.error().field + "|" + outcome.error().why;
}

TEST(Xep0068, ShowsWhatADescriptionSays) {
    const Form form = shown();
    EXPECT_EQ(form.field("name")->label, "Name");
    EXPECT_TRUE(form.field("name")->required);
    EXPECT_EQ(form.field("name")->values, std::vector<std::string>{"Ball"});
    EXPECT_EQ(form.field("invited")->desc, "Whoever may come.");
    EXPECT_EQ(form.field("guests")->validate->range->max, "100");
    EXPECT_EQ(form.field("guests")->validate->datatype, "xs:integer");
    EXPECT_EQ(form.field("on")->options.at(1).label, "Tuesday");
    EXPECT_EQ(form.field("on")->validate->list_range->max, 2U);
    EXPECT_EQ(form.field("colour")->options.at(1).value, "green") << "an enumeration has its names";
    EXPECT_FALSE(form.field("masked")->validate);
    const Form result = filled(Party{}, Kind::result);
    EXPECT_TRUE(result.field("on")->options.empty());
    EXPECT_EQ(result.field("on")->label, "On");
    EXPECT_FALSE(result.field("guests")->validate);
}

TEST(Xep0004, TakesWhatIsAsItMustBe) {
    const auto party =
        submit({submitted("name", {"Masque"}), submitted("guests", {" 7 "}),
                submitted("invited", {"a@example.org", "A@example.org", "b@example.org"}),
                submitted("on", {"tu", "we", "tu"}), submitted("colour", {"red"}), submitted("masked", {"1"}),
                submitted("secret", {"xyz"}), submitted("notes", {"one", "two"}), submitted("unknown", {"?"})});
    ASSERT_TRUE(party) << party.error().why;
    EXPECT_EQ(party->name, "Masque");
    EXPECT_EQ(party->guests, 7U);
    EXPECT_EQ(party->invited.size(), 2U) << "duplicates are ignored";
    EXPECT_THAT(party->on, ElementsAre("tu", "we"));
    EXPECT_EQ(party->colour, Colour::red);
    EXPECT_EQ(party->masked, true);
    EXPECT_THAT(party->notes, ElementsAre("one", "two"));
}

TEST(Xep0004, KeepsWhatTheFormShowedWhereFieldsAreLeftOut) {
    const auto party = submit({submitted("name", {"Masque"})});
    EXPECT_EQ(party->guests, 2U);
    EXPECT_EQ(party->colour, Colour::green);
    EXPECT_THAT(party->on, ElementsAre("mo"));
    EXPECT_FALSE(party->secret);
}

TEST(Xep0004, SaysWhichFieldIsWrongAndWhy) {
    EXPECT_EQ(why({submitted("name", {""})}), "name|Name: is required");
    EXPECT_EQ(why({submitted("name", {})}), "name|Name: is required");
    EXPECT_EQ(why({submitted("name", {"a", "b"})}), "name|Name: must be one value");
    EXPECT_EQ(why({submitted("name", {"a\nb"})}), "name|Name: must be one line");
    EXPECT_EQ(why({submitted("name", {"a"}), submitted("name", {"b"})}), "name|Name: is there twice");
    EXPECT_EQ(why({submitted("guests", {"0"})}), "guests|Guests: must be at least 1");
    EXPECT_EQ(why({submitted("guests", {"many"})}), "guests|Guests: must be a whole number");
    EXPECT_EQ(why({submitted("invited", {"a@b", "@"})}),
              "invited|Invited: must be an address such as romeo@example.org");
    EXPECT_EQ(why({submitted("on", {"su"})}), "on|On: must be one of those to choose from");
    EXPECT_EQ(why({submitted("on", {})}), "on|On: at least 1 must be chosen");
    EXPECT_EQ(why({submitted("on", {"mo", "tu", "we"})}), "on|On: no more than 2 can be chosen");
    EXPECT_EQ(why({submitted("colour", {"blue"})}), "colour|colour: must be one of those to choose from");
    EXPECT_EQ(why({submitted("masked", {"perhaps"})}), "masked|masked: must be true or false");
    EXPECT_EQ(why({submitted("secret", {"x1"})}), "secret|secret: is not of the form it must have");
}

TEST(Xep0004, RequiresWhatIsRequiredAlsoWhereItIsLeftOut) {
    const auto checked = check(blank<Party>(), {.kind = Kind::submit});
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().field, "name");
    EXPECT_EQ(checked.error().error().condition, Condition::not_acceptable);
    EXPECT_EQ(checked.error().error().text, "Name: is required");
}

TEST(Xep0004, RefusesAnotherFormAndWhatIsNoSubmission) {
    EXPECT_EQ(why({submitted("FORM_TYPE", {"urn:example:other"})}), "FORM_TYPE|This is another form.");
    EXPECT_EQ(why({submitted("FORM_TYPE", {"urn:example:party"})}), "");
    EXPECT_FALSE(check(shown(), {.kind = Kind::result}));
}

// XEP-0122 "open Validation", and the other methods "MUST imply the same behavior".
TEST(Xep0122, TakesOtherValuesOfAListThatIsOpen) {
    Form form{.fields = {{.var = "c", .type = FieldType::list_single, .options = {{.value = "holiday"}}}}};
    const Form other{.kind = Kind::submit, .fields = {submitted("c", {"7"})}};
    EXPECT_FALSE(check(form, other));
    form.fields[0].validate = Validate{.basic = true};
    EXPECT_FALSE(check(form, other));
    form.fields[0].validate = Validate{.open = true};
    EXPECT_TRUE(check(form, other));
    form.fields[0].validate = Validate{.datatype = "xs:integer", .range = Range{.max = "6"}};
    EXPECT_FALSE(check(form, other));
    form.fields[0].validate->range->max = "7";
    EXPECT_TRUE(check(form, other));
    EXPECT_TRUE(check(form, {.kind = Kind::submit, .fields = {submitted("c", {"holiday"})}}));
}

}  // namespace
}  // namespace aldis::xep::dataforms
