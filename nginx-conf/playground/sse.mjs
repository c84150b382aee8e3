// Server-sent events (WHATWG HTML, "Parsing an event stream") out of pieces of text as they arrive. EventSource cannot be
// used: it neither posts nor tells the answer of a refusal.
//
//     const parser = new EventParser((name, data) => …);
//     parser.feed("event: stdout\nda"); parser.feed("ta: {}\n\n");       calls ("stdout", "{}")

// More in one line is no answer of this service: the largest carries files, as base64.
const MOST_CHARACTERS = 256 * 1024 * 1024;

export class EventParser {
    constructor(onEvent) {
        this.onEvent = onEvent;
        this.pieces = []; // of a line that has not ended; joined once, since a line may be long and come in many
        this.length = 0;
        this.afterReturn = false;
        this.begun = false;
        this.name = "";
        this.data = [];
    }

    feed(text) {
        let rest = text;
        if (!this.begun && rest !== "") {
            this.begun = true;
            rest = rest.replace(/^\ufeff/, "");
        }
        if (this.afterReturn && rest !== "") {
            this.afterReturn = false;
            rest = rest.replace(/^\n/, ""); // CR LF, torn apart
        }
        const end = /\r\n|\n|\r/g;
        let start = 0;
        for (let found = end.exec(rest); found; found = end.exec(rest)) {
            this.keep(rest.slice(start, found.index));
            start = end.lastIndex;
            this.afterReturn = found[0] === "\r" && start === rest.length;
            this.endLine();
        }
        this.keep(rest.slice(start));
    }

    keep(piece) {
        if (piece !== "") {
            this.pieces.push(piece);
            this.length += piece.length;
        }
        if (this.length > MOST_CHARACTERS) {
            throw new RangeError("an event is too long");
        }
    }

    endLine() {
        const line = this.pieces.join("");
        this.pieces = [];
        this.length = 0;
        if (line === "") {
            this.dispatch();
            return;
        }
        const colon = line.indexOf(":");
        const field = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
        if (field === "event") {
            this.name = value;
        } else if (field === "data") {
            this.data.push(value);
        } // comments have an empty field; id and retry are about reconnecting, which a run cannot do
    }

    dispatch() {
        const name = this.name || "message";
        const data = this.data;
        this.name = "";
        this.data = [];
        if (data.length > 0) {
            this.onEvent(name, data.join("\n"));
        }
    }
}
