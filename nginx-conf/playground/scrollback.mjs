// What of a program's output is put into the page: its beginning and its end, whatever it writes. A browser lays out some
// hundred thousand characters or a few thousand lines without a pause that one can feel, and not much more.
//
//     const back = new Scrollback();
//     back.append("…");
//     const { head, omitted, tail } = back.view();       omitted: characters between the two, not in the page
import { safeCut } from "./text.mjs";

export const MOST_CHARACTERS = 64 * 1024;
export const MOST_LINES = 2000;

/** How many of the first characters are within both bounds. */
function lengthOfHead(text, characters, lines) {
    let end = -1;
    for (let n = 0; n < lines; n += 1) {
        end = text.indexOf("\n", end + 1);
        if (end < 0 || end >= characters) {
            return safeCut(text, Math.min(text.length, characters));
        }
    }
    return end + 1;
}

/** Where the last characters begin that are within both bounds. */
function startOfTail(text, characters, lines) {
    let start = text.length - 1;
    for (let n = 0; n < lines && start >= 0; n += 1) {
        start = start > 0 ? text.lastIndexOf("\n", start - 1) : -1;
    }
    return Math.max(start + 1, safeCut(text, Math.max(0, text.length - characters)));
}

function newlines(text) {
    return text.split("\n").length - 1;
}

export class Scrollback {
    constructor(characters = MOST_CHARACTERS, lines = MOST_LINES) {
        this.characters = characters;
        this.lines = lines;
        this.head = "";
        this.headLines = 0;
        this.headIsFull = false;
        this.tail = "";
        this.omitted = 0;
        this.omittedBytes = 0;
    }

    append(text) {
        let rest = text;
        if (!this.headIsFull) {
            const room = lengthOfHead(rest, this.characters - this.head.length, this.lines - this.headLines);
            this.head += rest.slice(0, room);
            this.headLines += newlines(rest.slice(0, room));
            rest = rest.slice(room);
            this.headIsFull = rest !== "";
        }
        this.tail += rest;
        if (this.tail.length > 4 * this.characters) {
            this.trim(); // now and then, so that a flood costs no copy for each piece
        }
    }

    /** Bytes are missing here already: the service kept the first and the last of them. */
    gap(bytes) {
        this.omitted += this.tail.length;
        this.tail = "";
        this.headIsFull = true;
        this.omittedBytes += bytes;
    }

    trim() {
        const start = startOfTail(this.tail, this.characters, this.lines);
        this.omitted += start;
        this.tail = this.tail.slice(start);
    }

    view() {
        this.trim();
        return { head: this.head, omitted: this.omitted, omittedBytes: this.omittedBytes, tail: this.tail };
    }
}
