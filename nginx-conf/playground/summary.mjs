// How a run ended, what it used, what held it: in words, from the answer of /v1/execute.
//
//     const summary = new Summary({ banner, figures, details });
//     summary.running(); summary.stopped(); summary.show(answer); summary.clear();
import { definitions, element } from "./dom.mjs";
import { shortened, visible } from "./text.mjs";
import { bytes, figure, headline, milliseconds, named, sentence, start } from "./words.mjs";

const LONGEST_TEXT = 200; // in the answer as JSON: output and files stand above already
const LONGEST_JSON = 50000;

// What the figures above the fold are, and what they are called there.
const FIGURES = [
    ["Time", (a) => a.resource_usage?.wall_time_ms, milliseconds],
    ["CPU", (a) => sum(a.resource_usage?.cpu_user_ms, a.resource_usage?.cpu_system_ms), milliseconds],
    ["Memory, peak", (a) => a.resource_usage?.memory_peak_bytes, bytes],
    ["Start", (a) => a.timings?.start, String],
];

function sum(...numbers) {
    return numbers.every((n) => typeof n === "number") ? numbers.reduce((a, b) => a + b) : null;
}

// The same as wall_time_ms and memory_peak_bytes, in other units.
const SAID_ALREADY = ["execution_time", "memory_usage_mb"];

function rows(object) {
    return Object.entries(object).filter(([name]) => !SAID_ALREADY.includes(name))
        .map(([name, value]) => [named(name), visible(figure(name, value))]);
}

function folded(title, ...children) {
    return element("details", {}, element("summary", {}, title), ...children);
}

/** The answer as it came, with long texts cut: what a program that uses the service gets. */
function asJson(answer) {
    const text = JSON.stringify(answer, (_, value) => (typeof value === "string" ? shortened(value, LONGEST_TEXT) : value), 2);
    return element("pre", { class: "json", tabindex: 0, role: "region", "aria-label": "Answer as JSON" },
        visible(shortened(text, LONGEST_JSON)));
}

/** The sentences under the headline. */
function explained(answer) {
    const termination = answer.termination;
    const touched = (termination?.limits_hit ?? []).map(named).join(", ");
    return [
        answer.error && visible(answer.error), // with the limit and what was reached
        termination?.hint && `Hint: ${sentence(visible(termination.hint))}`,
        touched && `Limits touched: ${touched}.`,
    ].filter(Boolean).map((text) => element("p", {}, text));
}

export class Summary {
    constructor({ banner, figures, details }) {
        Object.assign(this, { banner, figures, details });
        this.clear();
    }

    clear() {
        clearInterval(this.timer);
        this.banner.hidden = true;
        this.banner.replaceChildren();
        this.figures.hidden = true;
        this.details.hidden = true;
        this.details.replaceChildren();
    }

    banners(state, title, ...more) {
        this.clear();
        this.banner.dataset.state = state;
        this.banner.append(element("h3", {}, title), ...more);
        this.banner.hidden = false;
    }

    /** Until show() or stopped(): the seconds that pass, which nobody needs read out. */
    running(title) {
        const clock = element("span", { class: "clock", "aria-hidden": "true" });
        const begun = Date.now();
        this.banners("running", title, clock);
        this.timer = setInterval(() => { clock.textContent = `${((Date.now() - begun) / 1000).toFixed(1)} s`; }, 100);
    }

    stopped() {
        this.banners("stopped", "Stopped by you", element("p", {}, "The connection was closed, which ends the run."));
    }

    show(answer) {
        this.banners(answer.status, headline(answer), ...explained(answer));
        const known = FIGURES.map(([name, find, show]) => [name, find(answer) ?? null, show]).filter(([, value]) => value !== null);
        this.figures.replaceChildren(...known.map(([name, value, show]) =>
            element("div", {}, element("dt", {}, name), element("dd", {}, visible(show(value))))));
        this.figures.hidden = known.length === 0;
        this.showDetails(answer);
    }

    showDetails(answer) {
        const { runtime, engine, resource_usage: usage, timings, isolation, denied_syscalls: denied, compile } = answer;
        const parts = [
            compile && folded("Compiler", ...compiled(compile)),
            usage && folded("What it used", definitions(rows(usage))),
            timings && folded("What took how long", definitions([["Start", visible(start(timings.start))],
                ...rows(timings).filter(([name]) => name !== named("start"))])),
            isolation && folded("What held it", definitions([["Ran as", visible(`${named(runtime.language)} ${runtime.version ?? ""}`)],
                ["Engine", visible(String(engine))], ...rows(isolation)])),
            denied?.length > 0 && folded("Refused system calls", definitions(denied.map((d) => [visible(d.name), `${d.count} times`]))),
            folded("Answer as JSON", asJson(answer)),
        ];
        this.details.replaceChildren(...parts.filter(Boolean));
        if (compile && compile.success === false) {
            this.details.firstElementChild.open = true; // that is why there is no output
        }
        this.details.hidden = false;
    }
}

/** A compiler's run has the members of a run. */
function compiled(compile) {
    const text = [compile.stdout, compile.stderr].filter(Boolean).join("\n");
    return [
        element("p", {}, visible(compile.error ?? headline({ status: compile.success ? "success" : "failed", ...compile }))),
        text ? element("pre", { class: "compiler", tabindex: 0, role: "region", "aria-label": "Output of the compiler" },
            visible(shortened(text, LONGEST_JSON))) : element("p", { class: "quiet" }, "It printed nothing."),
    ];
}
