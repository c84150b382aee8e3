// The editor: a textarea, so that everything that browsers and assistive technology know of text fields works, over coloured
// lines (paper.mjs).
//
//     const editor = new Editor({ frame, textarea, paint, gutter }, { onChange, onMark });
//     editor.language = languageOf(runtime); editor.text = "…"; editor.mark(marks); editor.select(3, 1, 3, 5);
//
// Tab indents only for somebody who is writing: whoever walks through the page by Tab walks through here too, and whoever has
// written leaves by Escape and Tab.
import { enter, further, lessFar } from "./indent.mjs";
import { Paper } from "./paper.mjs";
import { offsetOf } from "./text.mjs";

// Beyond either it is a plain text field: an element for each line would make typing slow.
export const MOST_LINES = 5000;
export const MOST_CHARACTERS = 300000;
// So many pixels are seen around the caret.
const MARGIN = 12;
// And so many lines before one that is led to, in a plain field.
const SEEN_BEFORE = 5;

export class Editor {
    constructor({ frame, textarea, paint, gutter }, { onChange = () => {}, onMark = () => {} } = {}) {
        this.frame = frame;
        this.textarea = textarea;
        this.gutter = gutter;
        this.paper = new Paper(paint, gutter);
        this.onChange = onChange;
        this.current = { indent: 4, opens: /$^/, grammar: null };
        this.writing = false;
        textarea.addEventListener("input", () => this.changed());
        textarea.addEventListener("keydown", (event) => this.key(event));
        textarea.addEventListener("focus", () => { this.writing = this.pressed; });
        frame.addEventListener("pointerdown", () => { this.writing = this.pressed = true; });
        window.addEventListener("pointerup", () => { this.pressed = false; });
        gutter.addEventListener("click", (event) => this.clickedGutter(event, onMark));
        this.pressed = false;
        this.draw();
    }

    get text() {
        return this.textarea.value;
    }

    set text(text) {
        this.textarea.value = text;
        this.frame.scrollTo(0, 0);
        this.draw();
        this.paper.mark([]);
    }

    /** As if written: undo brings back what was there. */
    replaceAll(text) {
        const before = document.activeElement;
        this.textarea.focus({ preventScroll: true });
        this.textarea.select();
        if (!document.execCommand?.("insertText", false, text)) {
            this.text = text;
        }
        this.textarea.setSelectionRange(0, 0);
        before?.focus({ preventScroll: true });
        this.frame.scrollTo(0, 0);
        this.paper.mark([]);
    }

    set language(language) {
        this.current = language;
        this.draw();
    }

    changed() {
        this.writing = true;
        this.draw();
        this.followCaret();
        this.onChange();
    }

    /** The browser looks for the caret before the sheet has grown with the text, so a new line would stay out of view. */
    followCaret() {
        if (this.frame.hasAttribute("data-plain")) {
            return; // a field that scrolls by itself
        }
        const before = this.text.slice(0, this.textarea.selectionEnd).split("\n");
        const { top, bottom, x } = this.paper.placeOf(before.length, before.at(-1).length);
        const frame = this.frame.getBoundingClientRect();
        const begin = this.gutter.getBoundingClientRect().right;
        this.frame.scrollBy({
            top: Math.max(0, bottom + MARGIN - frame.bottom) || Math.min(0, top - MARGIN - frame.top),
            left: Math.max(0, x + 2 * MARGIN - frame.right) || Math.min(0, x - MARGIN - begin),
            behavior: "instant",
        });
    }

    draw() {
        const lines = this.text.split("\n");
        const plain = lines.length > MOST_LINES || this.text.length > MOST_CHARACTERS;
        this.frame.toggleAttribute("data-plain", plain);
        this.paper.show(plain ? [] : lines, this.current.grammar);
    }

    key(event) {
        if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) {
            return;
        }
        if (event.key === "Escape") {
            this.writing = false;
        } else if (event.key === "Enter" && !event.shiftKey) {
            this.apply(event, enter);
        } else if (event.key === "Tab" && this.writing) {
            this.apply(event, event.shiftKey ? lessFar : further);
        }
    }

    apply(event, edit) {
        event.preventDefault();
        const { selectionStart, selectionEnd } = this.textarea;
        const { start, end, insert, from, to } = edit(this.text, selectionStart, selectionEnd, this.current);
        if (this.text.slice(start, end) === insert) {
            return;
        }
        this.textarea.setSelectionRange(start, end);
        // The one way that the browser's undo knows of. Where it is gone the text is set all the same.
        const command = insert === "" ? "delete" : "insertText";
        if (!document.execCommand?.(command, false, insert)) {
            this.textarea.setRangeText(insert, start, end, "end");
            this.changed();
        }
        this.textarea.setSelectionRange(from, to);
    }

    mark(marks) {
        this.paper.mark(marks);
    }

    /** The line of a mark now, after whatever was edited since; null if it is gone. */
    lineOf(id) {
        return this.paper.lineOf(id);
    }

    /** Selects a range (lines and columns from 1, the end not in it) and brings it into view. */
    select(line, column, endLine, endColumn) {
        const start = offsetOf(this.text, line, column);
        this.textarea.focus({ preventScroll: true });
        this.textarea.setSelectionRange(start, Math.max(start, offsetOf(this.text, endLine, endColumn)));
        if (this.frame.hasAttribute("data-plain")) {
            this.textarea.scrollTop = Math.max(0, line - SEEN_BEFORE) * parseFloat(getComputedStyle(this.textarea).lineHeight);
        }
        this.gutter.children[line - 1]?.scrollIntoView({ block: "center", inline: "nearest" });
        this.frame.scrollIntoView({ block: "nearest" });
    }

    clickedGutter(event, onMark) {
        const number = event.target.closest("#gutter > div");
        if (!number) {
            return;
        }
        const line = [...this.gutter.children].indexOf(number) + 1;
        const [mark] = this.paper.marksOf(line);
        if (mark) {
            onMark(mark.id);
        } else {
            this.select(line, 1, line + 1, 1);
        }
    }
}
