// The risk score in words, and what was found: each with its line, to which it leads.
//
//     const findings = new Findings({ section, summary, list }, { onJump: (finding, id) => … });
//     findings.show(validation); findings.focus(2); findings.clear();
import { element } from "./dom.mjs";
import { visible } from "./text.mjs";
import { count } from "./words.mjs";

export const MARKED = 200; // the service lists no more

const DECISIONS = {
    allowed: (v) => `Risk score ${v.score} of 100. Policy ${v.policy} refuses from ${v.threshold} on: allowed.`,
    rejected: (v) => `Risk score ${v.score} of 100. Policy ${v.policy} refuses from ${v.threshold} on: refused.`,
    skipped: () => "Nobody looked at the code: it ran without a risk score.",
};

export class Findings {
    constructor({ section, summary, meter, list }, { onJump }) {
        Object.assign(this, { section, summary, meter, list, onJump });
        this.clear();
    }

    clear() {
        this.section.hidden = true;
        this.list.replaceChildren();
    }

    show(validation) {
        this.clear();
        if (!validation) {
            return;
        }
        this.summary.textContent = DECISIONS[validation.decision]?.(validation) ?? `Decision: ${validation.decision}`;
        this.meter.hidden = !validation.score; // a bar of nothing tells nothing
        this.meter.value = validation.score ?? 0;
        this.meter.high = validation.threshold ?? 100;
        const findings = (validation.findings ?? []).slice(0, MARKED);
        this.list.append(...findings.map((finding, id) => this.item(finding, id)));
        if (validation.findings_omitted > 0) {
            this.list.append(element("li", { class: "quiet" }, `and ${count(validation.findings_omitted, "more finding")}`));
        }
        this.section.hidden = false;
    }

    item(finding, id) {
        const jump = element("button", { type: "button", class: "jump" }, `Line ${finding.line}`);
        jump.addEventListener("click", () => this.onJump(finding, id));
        return element("li", { "data-severity": finding.severity },
            element("p", {}, jump, " ", element("span", { class: "badge" }, finding.severity), " ", visible(finding.message)),
            element("pre", { class: "snippet" }, visible(finding.snippet ?? "")),
            finding.remedy ? element("p", { class: "remedy" }, "Instead: ", visible(finding.remedy)) : null,
            element("p", { class: "quiet" }, `${finding.rule}, score ${finding.score}`));
    }

    /** To the entry of that finding, from its mark in the gutter. */
    focus(id) {
        const item = this.list.children[id];
        item?.querySelector("button")?.focus();
        item?.scrollIntoView({ block: "nearest" });
    }
}

/** What the editor marks: of findings in the entry file, the only one that the page sends. */
export function marksOf(validation) {
    return (validation?.findings ?? []).slice(0, MARKED).map((finding, id) =>
        ({ id, line: finding.line, severity: finding.severity, text: visible(finding.message) }));
}
