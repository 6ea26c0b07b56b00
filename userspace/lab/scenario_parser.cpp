// SPDX-License-Identifier: MIT
#include "lab/scenario_parser.h"

#include "lab/parse_parts.h"
#include "support/error.h"

namespace tcpladder::lab {
namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r";
    const auto first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// `#` begins a comment at the start of a line or after a blank: `client#2` has none.
std::string_view without_comment(std::string_view line) {
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"')
            quoted = !quoted;
        const bool starts = i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t';
        if (line[i] == '#' && starts && !quoted)
            return line.substr(0, i);
    }
    return line;
}

class Parser {
public:
    Parser(const std::string& file, const std::string& name) : file_(file) {
        scenario_.name = name;
    }

    void line(std::string_view line) {
        ++number_;
        const bool indented = !line.empty() && (line[0] == ' ' || line[0] == '\t');
        const auto raw = trimmed(line);
        if (raw.empty() || raw[0] == '#') {
            return;
        }
        if (is_prose(raw, indented))
            return;
        const auto text = trimmed(without_comment(line));
        if (indented)
            expected_line(text);
        else
            statement(text);
    }

    Scenario finish() {
        if (scenario_.title.empty())
            fail("the scenario has no 'title'");
        if (scenario_.shows.empty())
            fail("the scenario has no 'shows'");
        if (scenario_.steps.empty())
            fail("the scenario has no step");
        if (scenario_.expectations.empty())
            fail("the scenario expects nothing: a line 'expect …' is missing");
        check_last_block();
        return std::move(scenario_);
    }

private:
    std::string where() const { return file_ + ":" + std::to_string(number_); }
    [[noreturn]] void fail(const std::string& problem) const {
        throw Error(where() + ": " + problem);
    }

    // What is for people is taken as it stands; indented lines go on with it.
    bool is_prose(std::string_view text, bool indented) {
        if (indented) {
            if (prose_ != nullptr)
                prose_->append(" ").append(text);
            return prose_ != nullptr;
        }
        prose_ = nullptr;
        const auto space = std::min(text.find_first_of(" \t"), text.size());
        const auto word = text.substr(0, space);
        const auto rest = trimmed(text.substr(space));
        if (word == "title")
            prose_ = &scenario_.title;
        else if (word == "shows")
            prose_ = &scenario_.shows;
        else if (word == "look")
            prose_ = &scenario_.look.emplace_back();
        else
            return false;
        if (rest.empty())
            fail("'" + std::string(word) + "': here must be a text");
        if (!prose_->empty())
            fail("'" + std::string(word) + "': there is one already");
        *prose_ = rest;
        return true;
    }

    void statement(std::string_view text) {
        Words words(text, where());
        check_last_block();
        block_ = false;
        if (words.take("slow")) {
            scenario_.slow = true;
        } else if (words.take("needs")) {
            need(words);
        } else if (words.take("expect")) {
            auto& expectation = scenario_.expectations.emplace_back();
            expectation.line = number_;
            expectation.text = text;
            block_ = parse_expectation(words, expectation);
            return words.end();
        } else {
            return step(words, text);
        }
        words.end();
    }

    void step(Words& words, std::string_view text) {
        if (!scenario_.expectations.empty())
            words.fail_next("a step cannot come after the first 'expect'");
        Step step;
        step.line = number_;
        step.text = text;
        if (words.take("wire")) {
            parse_wire_step(words, step);
        } else if (words.take("wait")) {
            parse_wait_step(words, step);
        } else if (words.take({"time", "passes"})) {
            step.what = Pause{parse_time(words)};
        } else {
            const auto actor = words.peek();
            if (!actor.starts_with("client") && !actor.starts_with("server") && actor != "both")
                words.fail_next(
                    "a line begins with client, server, both, wire, wait, time, expect, title, "
                    "shows, look, needs or slow");
            parse_actor_step(words, words.any("an actor"), step);
            if (actor == "both") {
                std::get<Sysctl>(step.what).host = Host::kClient;
                scenario_.steps.push_back(step);
                std::get<Sysctl>(step.what).host = Host::kServer;
            }
        }
        words.end();
        scenario_.steps.push_back(std::move(step));
    }

    void need(Words& words) {
        Need need;
        if (words.take("sysctl")) {
            need.what = Need::What::kSysctl;
            need.name = words.any("a sysctl's name");
        } else if (words.take("ipv4")) {
            need.what = Need::What::kIpv4;
        } else if (words.take("ipv6")) {
            need.what = Need::What::kIpv6;
        } else if (words.take("SOCK_DESTROY")) {
            need.what = Need::What::kSockDestroy;
        } else {
            words.fail_next("here must be 'sysctl NAME', 'SOCK_DESTROY', 'ipv4' or 'ipv6'");
        }
        if (!words.empty())
            need.reason = words.quoted("the reason");
        scenario_.needs.push_back(std::move(need));
    }

    void expected_line(std::string_view text) {
        Words words(text, where());
        if (!block_)
            words.fail_next(
                "an indented line goes on with 'expect client', 'expect server', "
                "'expect listener' or 'expect segments'");
        parse_expected_line(words, scenario_.expectations.back(), std::string(text));
        words.end();
    }

    void check_last_block() const {
        if (!block_)
            return;
        const auto& last = scenario_.expectations.back();
        const auto* states = std::get_if<ExpectedStates>(&last.what);
        const auto* segments = std::get_if<ExpectedSegments>(&last.what);
        const bool none =
            (states != nullptr && states->steps.empty() && !states->open_end && !states->nothing) ||
            (segments != nullptr && segments->segments.empty());
        if (none)
            throw Error(file_ + ":" + std::to_string(last.line) + ": '" + last.text +
                        "': indented lines with what is expected must follow ('nothing' if "
                        "nothing is)");
    }

    std::string file_;
    Scenario scenario_;
    int number_ = 0;
    std::string* prose_ = nullptr;
    bool block_ = false;  ///< indented lines belong to the last expectation
};

}  // namespace

Scenario parse_scenario(std::string_view text, const std::string& file, const std::string& name) {
    constexpr std::size_t kLargest = 1 << 20;
    if (text.size() > kLargest)
        throw Error(file + ": it is larger than 1 MiB, so it is no scenario");
    if (text.find('\0') != std::string_view::npos)
        throw Error(file + ": it has a NUL byte, so it is no scenario");
    Parser parser(file, name);
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        parser.line(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parser.finish();
}

}  // namespace tcpladder::lab
