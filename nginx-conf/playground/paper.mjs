// What is seen of the editor: coloured lines and a gutter with their numbers and marks. Under it lies the textarea, whose own
// text is transparent. Only lines that an edit has changed are made anew.
//
//     const paper = new Paper(paintElement, gutterElement);
//     paper.show(text.split("\n"), grammar);
//     paper.mark([{ line: 3, severity: "high", text: "imports os", id: 0 }]);      lines from 1
//     paper.lineOf(0)                                                              where that mark is now, or null
import { element } from "./dom.mjs";
import { tokenize } from "./highlight.mjs";
import { changed } from "./lines.mjs";

const SEVERITIES = ["info", "low", "medium", "high", "critical"];

/** The worst severity of several marks; what is not known counts as the mildest. */
function worst(marks) {
    const levels = marks.map((mark) => Math.max(0, SEVERITIES.indexOf(mark.severity)));
    return SEVERITIES[Math.max(...levels)];
}

export class Paper {
    constructor(paint, gutter) {
        this.paint = paint;
        this.gutter = gutter;
        this.lines = [];
        this.states = []; // the region that is open at the end of each line
        this.marks = []; // of each line
        this.grammar = null;
    }

    show(lines, grammar) {
        if (grammar !== this.grammar) {
            this.lines = [];
            this.grammar = grammar;
            this.clear();
        }
        const { from, removed, added } = changed(this.lines, lines);
        this.replace(from, removed, lines.slice(from, from + added));
        this.lines = lines;
        this.repaint(from, from + added);
        this.number(from);
    }

    clear() {
        this.paint.replaceChildren();
        this.gutter.replaceChildren();
        this.states = [];
        this.marks = [];
    }

    replace(from, removed, lines) {
        for (let n = 0; n < removed; n += 1) {
            this.paint.children[from].remove();
        }
        const fresh = lines.map(() => element("div", { class: "line" }));
        if (from < this.paint.children.length) {
            this.paint.children[from].before(...fresh);
        } else {
            this.paint.append(...fresh);
        }
        // A line that was edited keeps its marks; lines that have come or gone do not pass theirs on.
        const kept = this.marks.slice(from, from + Math.min(removed, lines.length));
        this.marks.splice(from, removed, ...lines.map((_, n) => kept[n] ?? []));
        this.states.splice(from, removed, ...lines.map(() => undefined));
    }

    /** Colours lines from..end, and as many after them as begin in another state than before. */
    repaint(from, end) {
        let state = from > 0 ? this.states[from - 1] : null;
        for (let n = from; n < this.lines.length; n += 1) {
            const before = this.states[n];
            const done = tokenize(this.lines[n], state, this.grammar);
            this.paintLine(n, done.tokens);
            this.states[n] = done.state;
            state = done.state;
            if (n >= end && before === state) {
                return;
            }
        }
    }

    paintLine(n, tokens) {
        this.paint.children[n].replaceChildren(...tokens.map(([kind, text]) =>
            (kind ? element("span", { class: kind }, text) : text)));
    }

    number(from) {
        while (this.gutter.children.length > this.lines.length) {
            this.gutter.lastElementChild.remove();
        }
        for (let n = this.gutter.children.length; n < this.lines.length; n += 1) {
            this.gutter.append(element("div", {}, n + 1));
        }
        for (let n = from; n < this.lines.length; n += 1) {
            this.showMarks(n);
        }
    }

    showMarks(n) {
        const marks = this.marks[n];
        const title = marks.map((mark) => `${mark.severity}: ${mark.text}`).join("\n");
        const severity = marks.length > 0 ? worst(marks) : "";
        const number = this.gutter.children[n];
        if (number.title !== title) {
            number.title = title;
        }
        for (const node of [number, this.paint.children[n]]) {
            if ((node.dataset.severity ?? "") !== severity) { // most lines have none: nothing to touch
                node.dataset.severity = severity;
            }
        }
    }

    /** Replaces all marks. */
    mark(marks) {
        this.marks = this.lines.map(() => []);
        marks.forEach((mark) => this.marks[mark.line - 1]?.push(mark));
        this.lines.forEach((_, n) => this.showMarks(n));
    }

    lineOf(id) {
        const n = this.marks.findIndex((marks) => marks.some((mark) => mark.id === id));
        return n < 0 ? null : n + 1;
    }

    marksOf(line) {
        return this.marks[line - 1] ?? [];
    }

    /** Where the picture of a place is, as a rectangle of the window: line from 1, column in UTF-16 from 0. */
    placeOf(line, column) {
        const row = this.paint.children[line - 1];
        const range = document.createRange();
        range.selectNodeContents(row);
        let left = column;
        const texts = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
        for (let text = texts.nextNode(); text; text = texts.nextNode()) {
            if (left <= text.length) {
                range.setStart(text, left);
                break;
            }
            left -= text.length;
        }
        range.collapse(true);
        const { top, bottom } = row.getBoundingClientRect();
        // An empty line has no text, and a range in it no place.
        const { left: x } = range.getClientRects()[0] ?? row.getBoundingClientRect();
        return { top, bottom, x };
    }
}
