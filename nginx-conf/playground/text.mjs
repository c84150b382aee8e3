// Text and bytes that come from programs. They are hostile: what cannot be seen is made visible, nothing is markup.
//
//     visible("\x1b[31mred\x07")         "␛[31mred␇"
//     bytesOf("/wAB", "base64")          Uint8Array [255, 0, 1]
//     splitArguments("a\nb c\n")         ["a", "b c"]

// Control characters, those that change the direction of what stands around them ("Trojan Source"), and a byte order mark; not
// tab and newline.
// eslint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

function named(character) {
    const code = character.codePointAt(0);
    if (code < 0x20) {
        return String.fromCodePoint(0x2400 + code); // Control Pictures: one for each
    }
    return code === 0x7f ? "\u2421" : `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
}

/** What a terminal would obey becomes what a reader can see. */
export function visible(text) {
    return text.replaceAll("\r\n", "\n").replace(UNSEEN, named);
}

/** The bytes behind a text of an answer: its encoding is "utf8" or "base64". */
export function bytesOf(text, encoding) {
    if (encoding !== "base64") {
        return new TextEncoder().encode(text);
    }
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** One argument a line: the only way to write them that needs no quotes. A newline at the end begins no further one. */
export function splitArguments(text) {
    return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** Where a line and column (from 1, in code points, as findings have them) are in a text; its end if there is no such place. */
export function offsetOf(text, line, column) {
    let start = 0;
    for (let n = 1; n < line; n += 1) {
        const newline = text.indexOf("\n", start);
        if (newline < 0) {
            return text.length;
        }
        start = newline + 1;
    }
    for (let n = 1; n < column && start < text.length && text[start] !== "\n"; n += 1) {
        start += text.codePointAt(start) > 0xffff ? 2 : 1;
    }
    return start;
}

/** At most that many characters, with an ellipsis for the rest. */
export function shortened(text, most) {
    return text.length > most ? `${text.slice(0, safeCut(text, most))}\u2026` : text;
}

/** The place at or before `at` where a text can be cut without halving a character. */
export function safeCut(text, at) {
    const code = text.charCodeAt(at);
    return at > 0 && code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
