// Errors of the service (problem documents): what is wrong, where in the form, what can be done, and when to try again.
//
//     const problems = new Problems(boxElement, { fieldOf: (pointer) => element or null, onRetry });
//     problems.show(problem); problems.clear();
import { element } from "./dom.mjs";
import { visible } from "./text.mjs";
import { count, sentence } from "./words.mjs";

function asksToWait(seconds) {
    return `The service asks to wait ${count(seconds, "second")}.`;
}

export class Problems {
    constructor(box, { fieldOf, onRetry }) {
        Object.assign(this, { box, fieldOf, onRetry });
        this.marked = [];
        this.clear();
    }

    clear() {
        clearInterval(this.timer);
        this.box.hidden = true;
        this.box.replaceChildren();
        // The last mark first: of two at one field the second found the first's note in place.
        for (const { field, note, described } of this.marked.reverse()) {
            field.removeAttribute("aria-invalid");
            if (described === null) {
                field.removeAttribute("aria-describedby");
            } else {
                field.setAttribute("aria-describedby", described);
            }
            note.remove();
        }
        this.marked = [];
    }

    show(problem) {
        this.clear();
        const { title, detail, hint, errors, retryable, code, step, request_id: id } = problem.document;
        const facts = [code, step && `step ${step}`, id && `request ${id}`].filter(Boolean).join(", ");
        this.box.append(...[
            element("h3", {}, visible(title)),
            detail ? element("p", {}, sentence(visible(detail))) : null,
            errors.length > 0 ? element("ul", { class: "errors" }, ...errors.map((error, n) => this.item(error, n))) : null,
            hint ? element("p", { class: "hint" }, sentence(visible(hint))) : null,
            retryable ? this.again(problem.retryAfter) : null,
            facts ? element("p", { class: "quiet" }, visible(facts)) : null,
        ].filter(Boolean));
        this.box.hidden = false;
    }

    /** A way out that the page knows: a button below the problem. */
    offer(text, act) {
        const button = element("button", { type: "button", class: "plain" }, text);
        button.addEventListener("click", act);
        this.box.append(element("p", { class: "again" }, button));
    }

    item({ pointer, detail }, n) {
        const field = this.fieldOf(pointer);
        const where = element(field ? "button" : "code", field ? { type: "button", class: "jump" } : {}, visible(pointer || "/"));
        if (field) {
            where.addEventListener("click", () => this.lead(field));
            this.markField(field, detail, n);
        }
        return element("li", {}, where, " ", visible(detail));
    }

    lead(field) {
        const details = field.closest("details");
        if (details) {
            details.open = true;
        }
        field.focus();
    }

    markField(field, detail, n) {
        const note = element("p", { class: "field-error", id: `field-error-${n}` }, visible(detail));
        const described = field.getAttribute("aria-describedby");
        field.setAttribute("aria-invalid", "true");
        field.setAttribute("aria-describedby", [described, note.id].filter(Boolean).join(" "));
        (field.closest(".field") ?? field).append(note);
        this.marked.push({ field, note, described });
    }

    /** "Try again", and for how long it is of no use yet. */
    again(seconds) {
        const button = element("button", { type: "button", class: "plain" }, "Try again");
        button.addEventListener("click", () => this.onRetry());
        return element("p", { class: "again" }, button, " ", ...(seconds === null ? [] : this.countDown(seconds)));
    }

    /**
     * The seconds that pass, for eyes alone: the box is an alert, which a screen reader reads again whenever its text changes. It
     * has a sentence of its own, which stays.
     */
    countDown(seconds) {
        const end = Date.now() + seconds * 1000;
        const wait = element("span", { class: "quiet", "aria-hidden": "true" });
        const tell = () => {
            const left = Math.ceil((end - Date.now()) / 1000);
            const text = left > 0 ? asksToWait(left) : "Now there may be room.";
            if (wait.textContent !== text) {
                wait.textContent = text;
            }
            if (left <= 0) {
                clearInterval(this.timer);
            }
        };
        tell();
        this.timer = setInterval(tell, 500);
        return [wait, element("span", { class: "unseen" }, asksToWait(seconds))];
    }
}
