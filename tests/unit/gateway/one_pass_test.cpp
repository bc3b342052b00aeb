#include <gmock/gmock.h>

#include <algorithm>

#include "tests/unit/gateway/application_fixture.hpp"

// All that is wrong with a configuration is told in one go: what reading finds hides nothing that only shows together, and no fault is told twice.

namespace junctor {
namespace {

using test::problems_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A configuration in parts, good as it is.
struct Document {
    std::string extra;  ///< whole lines at the top level
    std::string cores = "1";
    std::string limits = "packet: 40KiB";
    std::string admin = "address: \"127.0.0.1:0\"";
    std::vector<std::string> connectors{R"({type: mqtt, name: first, address: "127.0.0.9:0"})"};
    std::vector<std::string> authenticators{"{type: anonymous, name: guests}"};
    std::vector<std::string> authorizers{"{type: allow_all}"};
    std::vector<std::string> tenants{"{name: acme}"};
    std::vector<std::string> bridges;
    std::vector<std::string> history;
    std::string backend = "type: embedded";
    bool policy = true;

    static std::string list(const std::string& indent, const std::string& key, const std::vector<std::string>& entries) {
        std::string text = indent + key + (entries.empty() ? ": []\n" : ":\n");
        for (const std::string& entry : entries) text += indent + "  - " + entry + '\n';
        return text;
    }

    std::string text() const {
        const std::string rules = list("  ", "authenticators", authenticators) + list("  ", "authorizers", authorizers) + list("  ", "tenants", tenants);
        return extra + "cores: " + cores + "\nlimits: {" + limits + "}\nadmin: {" + admin + "}\nbackend: {" + backend + "}\n" + list("", "connectors", connectors) +
               (policy ? "policy:\n" + rules : "") + list("", "bridges", bridges) + list("", "history", history);
    }
};

struct Fault {
    const char* sentence;  ///< a part of what is said about it
    void (*make)(Document&);
};

void append(std::vector<std::string>& list, const char* entry) { list.emplace_back(entry); }

/// What shows while a section is read.
const std::vector<Fault> of_reading{
    {"unknown key 'logg'; did you mean 'log'?", [](Document& to) { to.extra += "logg: {level: info}\n"; }},
    {"unknown key 'zzzzzz'", [](Document& to) { to.extra += "zzzzzz: {level: info}\n"; }},
    {"'sys_interval' is set twice", [](Document& to) { to.extra += "sys_interval: 1s\nsys_interval: 2s\n"; }},
    {"aliases are not supported", [](Document& to) { to.extra += "log: {level: &level info, format: *level}\n"; }},
    {"control characters", [](Document& to) { to.extra += "store: {dir: \"\\x01\"}\n"; }},
    {"the variable JUNCTOR_UNSET is not set", [](Document& to) { to.extra += "store: {dir: \"${JUNCTOR_UNSET}\"}\n"; }},
    {"'cores' is a whole number", [](Document& to) { to.cores = "many"; }},
    {"unknown key 'packt'; did you mean 'packet'?", [](Document& to) { to.limits = "packt: 40KiB"; }},
    {"'history' is a size", [](Document& to) { to.limits += ", history: lots"; }},
    {"unknown key 'hots'; did you mean 'hosts'?", [](Document& to) { to.admin += ", hots: [gw]"; }},
    {"'address' is a numeric address", [](Document& to) { to.admin = "address: nowhere"; }},
    {"unknown key 'adress'; did you mean 'address'?", [](Document& to) { append(to.connectors, R"({type: mqtt, adress: "127.0.0.8:0"})"); }},
    {"unknown key 'tpye'; did you mean 'type'?", [](Document& to) { append(to.connectors, R"({tpye: mqtt, address: "127.0.0.8:0"})"); }},
    {"'type' cannot be 'mqt'; did you mean 'mqtt'?", [](Document& to) { append(to.connectors, R"({type: mqt, address: "127.0.0.8:0"})"); }},
    {"a section with 'key: value' lines must stand here", [](Document& to) { append(to.connectors, "mqtt"); }},
    {"'address' is missing", [](Document& to) { append(to.connectors, "{type: vertx}"); }},
    {"'cert' names '/none'", [](Document& to) { append(to.connectors, R"({type: mqtt, address: "127.0.0.8:0", tls: {cert: /none, key: /etc/hostname}})"); }},
    {"unknown key 'form'; did you mean 'from'?", [](Document& to) { to.authenticators[0] = "{type: anonymous, form: any, name: guests}"; }},
    {"unknown key 'nam'; did you mean 'name'?", [](Document& to) { to.authenticators[0] = "{type: anonymous, nam: guests}"; }},
    {"'type' cannot be 'anonymus'", [](Document& to) { to.authenticators[0] = "{type: anonymus, name: guests}"; }},
    {"'type' cannot be 'alow_all'", [](Document& to) { to.authorizers[0] = "{type: alow_all}"; }},
    {"unknown key 'nmae'; did you mean 'name'?", [](Document& to) { to.tenants[0] = "{nmae: acme}"; }},
    {"'url' is missing", [](Document& to) { append(to.bridges, "{name: far, type: mqtt, out: [{filter: a}]}"); }},
    {"unknown key 'filtr'; did you mean 'filter'?", [](Document& to) { append(to.bridges, R"({name: far, type: mqtt, url: "mqtt://127.0.0.1:1", out: [{filtr: a}]})"); }},
    {"'age' is a time", [](Document& to) { append(to.history, "{filter: kept, age: long}"); }},
};

/// What shows only when all of it is there.
const std::vector<Fault> of_the_whole{
    {"two connectors are named 'first'", [](Document& to) { append(to.connectors, R"({type: mqtt, name: first, address: "127.0.0.7:0"})"); }},
    {"connector 'twin' wants the address 127.0.0.9:0", [](Document& to) { append(to.connectors, R"({type: mqtt, name: twin, address: "127.0.0.9:0"})"); }},
    {"connector 'b' wants the WebSocket /ws", [](Document& to) {
         append(to.connectors, R"({type: websocket, name: a, address: "127.0.0.7:0"})");
         append(to.connectors, R"({type: websocket, name: b, address: "127.0.0.7:0"})");
     }},
    {"cannot use the certificate '/etc/hostname'", [](Document& to) {
         append(to.connectors, R"({type: mqtt, address: "127.0.0.7:0", tls: {cert: /etc/hostname, key: /etc/hostname}})");
     }},
    {"only CURVE encrypts", [](Document& to) { append(to.connectors, R"({type: zeromq, publish: "0.0.0.0:0"})"); }},
    {"which takes 127.0.0.7:7007 of connector 'near'", [](Document& to) {
         append(to.connectors, R"({type: mqtt, name: near, address: "127.0.0.7:7007"})");
         append(to.connectors, R"({type: mqtt, name: wide, address: "0.0.0.0:7007"})");
     }},
    {"no policy says who may connect", [](Document& to) {
         to.policy = false;
         append(to.connectors, R"({type: mqtt, address: "0.0.0.0:0"})");
     }},
    {"no authenticator is named 'gusts'", [](Document& to) { append(to.connectors, R"({type: mqtt, address: "127.0.0.7:0", authenticators: [gusts]})"); }},
    {"the tenant 'acmee' does not stand under 'tenants:'", [](Document& to) { append(to.authenticators, "{type: anonymous, name: more, tenant: acmee}"); }},
    {"an acl has 'rules: [...]'", [](Document& to) { append(to.authorizers, "{type: acl}"); }},
    {"the bridge 'near' carries nothing", [](Document& to) { append(to.bridges, R"({name: near, type: mqtt, url: "mqtt://127.0.0.1:1"})"); }},
    {"it would go round", [](Document& to) {
         append(to.bridges, R"({name: near, type: mqtt, url: "mqtt://127.0.0.1:1", version: 3.1.1, out: [{filter: "a/#"}], in: [{filter: "+/b"}]})");
     }},
    {"does not keep 'qos_2'", [](Document& to) { to.backend = R"(type: matrix, url: "http://127.0.0.1:1", token: t, room: "#a:hs", promises: [qos_2])"; }},
    {"a gateway's name has up to 64 letters", [](Document& to) { to.extra += "name: a/b\n"; }},
    {"'a/#/b' is no topic filter", [](Document& to) { append(to.history, R"({filter: "a/#/b"})"); }},
};

int line_of(const std::string& problem) {
    const std::size_t colon = problem.find(':');
    return std::stoi(problem.substr(colon + 1));
}

TEST(OnePass, TheDocumentIsGoodWithoutAFault) { EXPECT_THAT(problems_of(Document().text()), IsEmpty()); }

TEST(OnePass, OneFaultIsToldOnce) {
    for (const auto* faults : {&of_reading, &of_the_whole})
        for (const Fault& fault : *faults) {
            Document document;
            fault.make(document);
            EXPECT_THAT(problems_of(document.text()), ElementsAre(HasSubstr(fault.sentence))) << document.text();
        }
}

/// Whether the first takes away what the second needs: then it cannot be told yet.
bool hides(const Fault& reading, const Fault& whole) {
    const auto says = [](const Fault& fault, std::string_view part) { return std::string_view(fault.sentence).find(part) != std::string_view::npos; };
    Document with;
    reading.make(with);
    const Document good;
    // Who it is that cannot be read may be the one named, or declared.
    if (says(whole, "no authenticator is named")) return says(reading, "'nam'");
    if (says(whole, "does not stand under 'tenants:'")) return with.tenants != good.tenants;
    if (says(whole, "no policy says")) return with.authenticators != good.authenticators || with.authorizers != good.authorizers || with.tenants != good.tenants;
    return false;
}

TEST(OnePass, WhatReadingFindsHidesNothingElse) {
    for (const Fault& reading : of_reading)
        for (const Fault& whole : of_the_whole) {
            if (hides(reading, whole)) continue;
            Document document;
            reading.make(document);
            whole.make(document);
            const std::vector<std::string> found = problems_of(document.text());
            EXPECT_THAT(found, testing::UnorderedElementsAre(HasSubstr(reading.sentence), HasSubstr(whole.sentence))) << document.text();
            EXPECT_TRUE(std::ranges::is_sorted(found, {}, line_of)) << document.text();
        }
}

TEST(OnePass, AnEntryThatCannotBeReadStillListensWhereItSays) {
    EXPECT_THAT(problems_of("connectors: [{type: mqtt, address: \"0.0.0.0:0\", retaned: x}]\nadmin: {address: \"127.0.0.1:0\"}"),
                ElementsAre(HasSubstr("connector 'mqtt' would listen on 0.0.0.0:0"), HasSubstr("unknown key 'retaned'")));
}

TEST(OnePass, WhatCouldNotBeReadIsNotMissedElsewhere) {
    // A policy that was meant.
    EXPECT_THAT(problems_of("polcy: {}\nconnectors: [{type: mqtt, address: \"0.0.0.0:0\", authenticators: [a]}]\nadmin: {address: \"127.0.0.1:0\"}"),
                ElementsAre(HasSubstr("unknown key 'polcy'")));
    // Connectors that were meant: the defaults are not there, so that nothing is said about their addresses.
    EXPECT_THAT(problems_of("conectors: []\nadmin: {address: \"127.0.0.1:8080\"}"), ElementsAre(HasSubstr("unknown key 'conectors'")));
    // A list whose order of names counts.
    EXPECT_THAT(problems_of("policy: {authenticators: [{type: anonymus}, {type: anonymous}], authorizers: []}\n"
                            "admin: {address: \"127.0.0.1:0\", authenticators: [anonymous-2]}"),
                ElementsAre(HasSubstr("'type' cannot be 'anonymus'")));
    // A limit, and a backend that cannot carry the default one.
    const std::string homeserver = R"(backend: {type: matrix, url: "http://127.0.0.1:1", token: t, room: "#a:hs"})";
    EXPECT_THAT(problems_of(homeserver + "\nlimits: {packt: 40KiB}"), ElementsAre(HasSubstr("unknown key 'packt'")));
    EXPECT_THAT(problems_of(homeserver + "\nlimts: {packet: 40KiB}"), ElementsAre(HasSubstr("unknown key 'limts'")));
    EXPECT_THAT(problems_of(homeserver), ElementsAre(HasSubstr("lets in messages that the backend 'matrix' cannot carry")));
    // A history, and the limit of all of them.
    EXPECT_THAT(problems_of("limits: {histry: 1KiB}\nhistory: [{filter: a, bytes: 900GiB}]"), ElementsAre(HasSubstr("unknown key 'histry'")));
}

TEST(OnePass, AFileOrAddressThatManyUseIsToldOnce) {
    EXPECT_THAT(problems_of("connectors:\n"
                            "  - {type: mqtt, address: \"127.0.0.1:0\"}\n"
                            "  - {type: websocket, address: \"127.0.0.1:0\"}\n"
                            "  - {type: rest, address: \"127.0.0.1:0\"}\n"
                            "admin: {address: \"127.0.0.2:0\"}\n"),
                ElementsAre(AllOf(HasSubstr(":3:5:"), HasSubstr("wants a route on 127.0.0.1:0, which belongs to connector 'mqtt' already"))));
    const std::string tls = "tls: {cert: /etc/hostname, key: /etc/hostname}";
    EXPECT_THAT(problems_of("connectors:\n"
                            "  - {type: websocket, address: \"127.0.0.1:0\", " + tls + "}\n"
                            "  - {type: rest, address: \"127.0.0.1:0\", " + tls + "}\n"
                            "admin: {address: \"127.0.0.2:0\", " + tls + "}\n"),
                ElementsAre(HasSubstr(":2:5: cannot use the certificate '/etc/hostname'")));
}

TEST(OnePass, RulesOfAnAclAreJudgedOneByOne) {
    const std::string file = testing::TempDir() + "/one_pass_rules" + std::to_string(getpid());
    std::ofstream(file) << "rules:\n  - {allow: [publish], topcs: [a]}\n  - {deny: [subscrbe]}\n";
    EXPECT_THAT(problems_of("admin: {address: \"127.0.0.1:0\"}\nconnectors: []\npolicy:\n  authenticators: []\n  authorizers:\n"
                            "    - type: acl\n      rules:\n        - {allow: [publish], topcs: [a]}\n        - {allow: [pubish]}\n        - {alow: [publish]}\n"
                            "    - {type: acl, file: " + file + "}\n"
                            "    - {type: acl, ruls: [{allow: [publish]}]}\n"),
                ElementsAre(HasSubstr(":8:30: unknown key 'topcs'; did you mean 'topics'?"), HasSubstr(":9:19: 'pubish' is no verb"), HasSubstr(":10:12: unknown key 'alow'"),
                            file + ":2:24: unknown key 'topcs'; did you mean 'topics'?", file + ":3:12: 'subscrbe' is no verb; did you mean 'subscribe'?",
                            HasSubstr(":12:19: unknown key 'ruls'")));
    std::filesystem::remove(file);
}

TEST(OnePass, EveryBrokenPromiseIsTold) {
    EXPECT_THAT(problems_of("backend: {type: mqtt, url: \"mqtt://127.0.0.1:1\", version: 3.1.1, promises: [retaned, retained, history]}\nhistory: [{filter: a}]"),
                ElementsAre(HasSubstr("'history' keeps nothing"), HasSubstr("'retaned' is no promise"), HasSubstr("does not keep 'retained'"), HasSubstr("does not keep 'history'")));
}

}  // namespace
}  // namespace junctor
