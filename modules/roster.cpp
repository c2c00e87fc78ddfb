#include "mod/module.h"

namespace aldis::modules {
namespace {

/// `<query xmlns='jabber:iq:roster'/>`; what is in it is read by session::Account, which owns the roster.
struct RosterQuery {
    static constexpr auto schema = xml::element("jabber:iq:roster", "query");
};
/// RFC 3921 section 3: what older clients ask for after binding. It means nothing any more.
struct LegacySession {
    static constexpr auto schema = xml::element("urn:ietf:params:xml:ns:xmpp-session", "session");
};

/// RFC 6121 section 2: the door to the roster that every account keeps.
class Roster final : public mod::Module {
public:
    explicit Roster(mod::Context& context) {
        context.on_iq(IqType::get, mod::For::own_account, *this, &Roster::get);
        context.on_silent_iq(IqType::set, mod::For::own_account, *this, &Roster::set);
        context.on_iq(IqType::set, mod::For::own_account, *this, &Roster::begin_session);
        context.on_iq(IqType::set, mod::For::server, *this, &Roster::begin_session);
        using enum stream::Reached;
        context.stream_feature(authenticated, bound, "<ver xmlns='urn:xmpp:features:rosterver'/>");
        context.stream_feature(authenticated, bound, "<sub xmlns='urn:xmpp:features:pre-approval'/>");
        context.stream_feature(authenticated, bound,
                               "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>");
    }

private:
    Result<xml::Document> get(const mod::Request& request, RosterQuery) { return request.account->roster_get(request); }
    Result<xml::Document> set(const mod::Request& request, RosterQuery) { return request.account->roster_set(request); }
    Result<mod::Empty> begin_session(const mod::Request&, LegacySession) { return mod::Empty{}; }
};

constexpr mod::Spec specs[] = {{"RFC 6121", "2011"}, {"XEP-0237", "1.3"}};

}  // namespace

extern const mod::Info roster_info;
const mod::Info roster_info{.name = "roster",
                            .summary = "Contacts: reading and changing them.",
                            .implements = specs,
                            .make = mod::make<Roster>};

}  // namespace aldis::modules
