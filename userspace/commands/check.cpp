// SPDX-License-Identifier: MIT
#include <optional>
#include <string>

#include <fmt/core.h>
#include <sys/utsname.h>

#include "capture/tracer.h"
#include "commands/commands.h"
#include "commands/privileges.h"
#include "support/error.h"
#include "support/text_buffer.h"
#include "views/json_text.h"

namespace tcpladder {
namespace {

/// What is known of this kernel.
struct Findings : Tracer::Trial {
    utsname kernel{};
    bool tried = false;  ///< loaded and attached, which needs privileges
};

/// Loads and attaches everything for a moment: the only honest test. The kernel looks
/// at what the choice by process needs only where there is one.
Tracer::Trial try_everything() {
    TracerOptions options;
    options.select = true;
    auto trial = Tracer::attempt(options);
    if (!trial.failure)
        return trial;
    options.select = false;
    auto without = Tracer::attempt(options);
    if (without.failure)
        return trial;
    without.plan.processes = false;
    return without;
}

Findings find_out() {
    Findings found;
    ::uname(&found.kernel);
    found.tried = missing_to_trace().empty();
    if (found.tried) {
        static_cast<Tracer::Trial&>(found) = try_everything();
        return found;
    }
    try {
        found.plan = kernel_plan();
    } catch (const Error& error) {
        found.failure = error;
    }
    if (const auto missing = found.plan.missing())
        found.failure = Error(fmt::format("there is no tracepoint {}", missing->tracepoint));
    return found;
}

const char* state_of(const HookPlan::Choice& choice, const Findings& found) {
    if (!choice.present())
        return "absent";
    if (choice.refused)
        return "refused";
    return found.tried && !found.failure ? "attached" : "present";
}

bool is_lost(const HookPlan::Choice& choice) {
    return !choice.present() || choice.refused;
}

// What only the loaded programs tell is left out where they were not.
bool is_known(const Ability& ability, const Findings& found) {
    const bool loaded = found.tried && !found.failure;
    return loaded || (ability.name != "timers" && ability.name != "processes" &&
                      ability.name != "open_sockets");
}

void print_row(std::string_view name, std::string_view state, std::string_view meaning) {
    fmt::print("{:<24} {:<9} {}\n", name, state, meaning);
}

void print_text(const Findings& found) {
    fmt::print("kernel    {} {}\n", found.kernel.release, found.kernel.machine);
    fmt::print("main job  {}\n", found.failure ? std::string("cannot run: ") + found.failure->what()
                                 : found.tried ? "can run"
                                               : "not tried: that needs root");
    if (found.failure && !found.failure->hint().empty())
        fmt::print("hint      {}\n", found.failure->hint());
    fmt::print("\n");
    print_row("tracepoint", "", "what it gives, or what is lost without it");
    for (const auto& choice : found.plan.choices) {
        const auto meaning = is_lost(choice) ? choice.hook.without : choice.hook.gives;
        print_row(choice.hook.tracepoint, state_of(choice, found),
                  fmt::format("{}{}", meaning, choice.hook.required ? " (required)" : ""));
    }
    fmt::print("\n");
    print_row("ability", "", "");
    for (const auto& ability : found.plan.abilities()) {
        if (is_known(ability, found))
            print_row(ability.name, ability.present ? "yes" : "no",
                      ability.present ? ability.gives : ability.without);
    }
}

/// One JSON object, written key by key.
class Object {
public:
    Object(TextBuffer& out, std::string_view before) : out_(out) {
        out_.append(before);
        out_.append('{');
    }
    void text(std::string_view name, std::string_view value) {
        key(name);
        append_json_string(out_, value);
    }
    void raw(std::string_view name, std::string_view value) {
        key(name);
        out_.append(value);
    }
    void truth(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }
    void end() { out_.append('}'); }

private:
    void key(std::string_view name) {
        if (!first_)
            out_.append(',');
        first_ = false;
        append_json_string(out_, name);
        out_.append(':');
    }

    TextBuffer& out_;
    bool first_ = true;
};

void append_hook(TextBuffer& out, const char* before, const HookPlan::Choice& choice,
                 const Findings& found) {
    Object object(out, before);
    object.text("tracepoint", choice.hook.tracepoint);
    object.text("state", state_of(choice, found));
    if (choice.present())
        object.raw("arguments", std::to_string(*choice.arguments));
    object.truth("required", choice.hook.required);
    object.truth("light", choice.hook.in_light);
    object.truth("follows", choice.hook.follows);
    object.text("gives", choice.hook.gives);
    object.text("without", choice.hook.without);
    object.end();
}

void append_ability(TextBuffer& out, const char* before, const Ability& ability) {
    Object object(out, before);
    object.text("name", ability.name);
    object.truth("present", ability.present);
    object.text("gives", ability.gives);
    object.text("without", ability.without);
    object.end();
}

void print_json(const Findings& found) {
    TextBuffer out;
    Object object(out, "");
    object.raw("v", "1");
    object.text("kernel", found.kernel.release);
    object.text("machine", found.kernel.machine);
    if (found.tried || found.failure)
        object.truth("main_job", !found.failure);
    if (found.failure)
        object.text("error", found.failure->what());
    object.raw("hooks", "[");
    const char* before = "";
    for (const auto& choice : found.plan.choices) {
        append_hook(out, before, choice, found);
        before = ",";
    }
    out.append(']');
    object.raw("abilities", "[");
    before = "";
    for (const auto& ability : found.plan.abilities()) {
        if (!is_known(ability, found))
            continue;
        append_ability(out, before, ability);
        before = ",";
    }
    out.append(']');
    object.end();
    fmt::print("{}\n", out.view());
}

}  // namespace

int run_check(const CheckOptions& options) {
    const auto found = find_out();
    if (options.json) {
        print_json(found);
    } else {
        if (found.plan.choices.empty())
            throw *found.failure;  // there is nothing else to say
        print_text(found);
    }
    return found.failure ? kFailed : kDone;
}

}  // namespace tcpladder
