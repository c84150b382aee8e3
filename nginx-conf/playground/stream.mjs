// One stream of a program, stdout or stderr: everything that came, to be saved, and what of it is in the page.
//
//     const stream = new Stream(sectionElement, "stdout");
//     stream.clear();
//     stream.add({ data: "…", encoding: "utf8" });        an event
//     stream.whole(answer);                              or the members of an answer without events
//     stream.end(answer);                                notes about what is missing
import { Addresses, element } from "./dom.mjs";
import { Saved } from "./saved.mjs";
import { Scrollback } from "./scrollback.mjs";
import { bytesOf, visible } from "./text.mjs";
import { bytes, count } from "./words.mjs";

// More is not kept to be saved: a program may write 64 MiB before it is ended.
const MOST_SAVED = 16 * 1024 * 1024;
// Output is laid out this often at most, so that a flood leaves time for the Stop button.
const EVERY_MS = 100;

export class Stream {
    constructor(section, name) {
        this.name = name;
        this.section = section;
        this.head = section.querySelector(".head");
        this.gap = section.querySelector(".gap");
        this.tail = section.querySelector(".tail");
        this.note = section.querySelector(".note");
        this.link = section.querySelector("a");
        this.addresses = new Addresses();
        this.clear();
    }

    clear() {
        clearTimeout(this.timer);
        this.timer = null;
        this.back = new Scrollback();
        this.decoder = new TextDecoder("utf-8", { ignoreBOM: true });
        this.saved = new Saved(MOST_SAVED);
        this.binary = false;
        this.addresses.release();
        this.section.hidden = true;
        this.link.hidden = true;
        this.note.hidden = true;
        this.draw();
    }

    get isEmpty() {
        return this.saved.received === 0;
    }

    /** How the output begins, to be read out. */
    get beginning() {
        return this.back.view().head;
    }

    add({ data, encoding }) {
        const part = bytesOf(data, encoding);
        this.binary ||= encoding === "base64";
        this.saved.add(part);
        this.back.append(this.decoder.decode(part, { stream: true }));
        this.timer ??= setTimeout(() => this.draw(), this.section.hidden ? 0 : EVERY_MS);
    }

    /** The stream of an answer that came in one piece. */
    whole(answer) {
        const encoding = answer[`${this.name}_encoding`];
        const all = bytesOf(answer[this.name] ?? "", encoding);
        this.binary = encoding === "base64";
        const cut = answer[`${this.name}_omitted_at`] ?? all.length;
        this.put(all.subarray(0, cut));
        if (answer[`${this.name}_truncated`]) {
            this.back.gap(answer[`${this.name}_bytes`] - all.length);
        }
        this.put(all.subarray(cut));
    }

    put(part) {
        this.saved.add(part);
        this.back.append(this.decoder.decode(part));
    }

    draw() {
        clearTimeout(this.timer);
        this.timer = null;
        const { head, omitted, omittedBytes, tail } = this.back.view();
        const atEnd = this.isAtEnd();
        if (this.drawnHead !== head) {
            this.head.textContent = visible(head);
            this.drawnHead = head;
        }
        this.tail.textContent = visible(tail);
        const left = [omitted > 0 ? `${count(omitted, "character")} not shown` : "",
            omittedBytes > 0 ? `${bytes(omittedBytes)} not kept by the service` : ""].filter(Boolean);
        this.gap.textContent = left.join(", ");
        this.gap.hidden = left.length === 0;
        this.section.hidden = this.isEmpty;
        if (atEnd) {
            this.box.scrollTop = this.box.scrollHeight;
        }
    }

    get box() {
        return this.head.parentElement;
    }

    /** Whoever has scrolled back to read something is left there. */
    isAtEnd() {
        return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < 8;
    }

    /** The run has ended; `answer` is null when it ended without one. */
    end(answer) {
        this.back.append(this.decoder.decode()); // half a character, if the last one was none
        this.draw();
        if (this.isEmpty) {
            return;
        }
        const notes = [];
        if (this.binary) {
            notes.push("It is not all UTF-8; what is not stands here as \ufffd. The saved file has the bytes.");
        }
        if (answer?.[`${this.name}_truncated`]) {
            notes.push(`The program wrote ${bytes(answer[`${this.name}_bytes`])}; the service kept the beginning and the end.`);
        }
        if (this.saved.received > this.saved.kept) {
            notes.push(`The saved file has the first ${bytes(MOST_SAVED)}.`);
        }
        this.note.replaceChildren(...notes.map((text) => element("p", {}, text)));
        this.note.hidden = notes.length === 0;
        this.link.href = this.addresses.of(this.saved.parts(), "application/octet-stream");
        this.link.hidden = false;
    }
}
