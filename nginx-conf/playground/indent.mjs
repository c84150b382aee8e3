// Indenting as a pure function of text and selection, so that it can be tested without a browser. An edit is
// { start, end, insert, from, to }: what is replaced, by what, and what is selected then.
//
//     enter("if x:", 6, 6, { indent: 4, opens: /:$/ })        { start: 6, end: 6, insert: "\n    ", from: 11, to: 11 }

function lineStart(text, at) {
    return text.lastIndexOf("\n", at - 1) + 1;
}

/** A new line, as far in as the one before it, and further if that opens something. */
export function enter(text, start, end, language) {
    const before = text.slice(lineStart(text, start), start);
    const more = language.opens.test(before.trimEnd()) ? " ".repeat(language.indent) : "";
    const insert = `\n${/^[ \t]*/.exec(before)[0]}${more}`;
    return { start, end, insert, from: start + insert.length, to: start + insert.length };
}

/** Blanks up to the next stop, or all selected lines further in. */
export function further(text, start, end, language) {
    if (!text.slice(start, end).includes("\n")) {
        const column = start - lineStart(text, start);
        const insert = " ".repeat(language.indent - (column % language.indent));
        return { start, end, insert, from: start + insert.length, to: start + insert.length };
    }
    return wholeLines(text, start, end, (line) => (line === "" ? line : " ".repeat(language.indent) + line));
}

/** The line, or all selected lines, less far in. */
export function lessFar(text, start, end, language) {
    const edit = wholeLines(text, start, end, (line) => line.replace(new RegExp(`^(?: {1,${language.indent}}|\t)`), ""));
    if (start === end) {
        const gone = edit.end - edit.start - edit.insert.length;
        edit.from = Math.max(edit.start, start - gone);
        edit.to = edit.from;
    }
    return edit;
}

function wholeLines(text, start, end, change) {
    const first = lineStart(text, start);
    // A selection that ends at the beginning of a line does not have that line.
    const reached = end > start && text[end - 1] === "\n" ? end - 1 : end;
    const newline = text.indexOf("\n", reached);
    const last = newline < 0 ? text.length : newline;
    const insert = text.slice(first, last).split("\n").map(change).join("\n");
    return { start: first, end: last, insert, from: first, to: first + insert.length };
}
