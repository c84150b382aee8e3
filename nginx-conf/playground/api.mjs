// The service as the page sees it: docs/API.md. Everything that goes wrong is a Problem.
//
//     const api = new Api(new URL("../", document.baseURI));
//     const runtimes = await api.get("v1/runtimes");
//     const answer = await api.execute({ language, code }, { signal, onEvent: (name, document) => … });
//
// Output comes as events (start, stdout, stderr, file, ping) where the service has them; the answer then lacks stdout and
// stderr. A service without events answers with the whole document, and onEvent is never called.
import { EventParser } from "./sse.mjs";

const JSON_TYPE = "application/json";
const EVENTS_TYPE = "text/event-stream";

/** An answer that is none: `document` is the problem document (RFC 9457), or one of the same form made here. */
export class Problem extends Error {
    constructor(document, retryAfter = null) {
        super(document.title);
        this.document = document;
        /** Seconds, or null. An `error` event has them in its document alone. */
        this.retryAfter = retryAfter ?? (Number.isInteger(document.retry_after_s) ? document.retry_after_s : null);
    }

    static local(title, detail, hint = null, retryable = true) {
        return new Problem({ title, detail, hint, retryable, code: null, errors: [], request_id: null });
    }
}

function typeOf(response) {
    return (response.headers.get("Content-Type") ?? "").split(";")[0].trim().toLowerCase();
}

/** Seconds, or null. The service never sends a date; a proxy before it may, and then there is no number to show. */
function retryAfterOf(response) {
    const text = response.headers.get("Retry-After") ?? "";
    return /^\d{1,6}$/.test(text) ? Number(text) : null;
}

async function problemOf(response) {
    let document = null;
    try {
        document = await response.json();
    } catch (error) {
        if (error.name === "AbortError") {
            throw error;
        } // else: not JSON, so not the service's own answer
    }
    if (!document || typeof document !== "object" || typeof document.title !== "string") {
        return Problem.local(`The server answered with status ${response.status}`, "It is not an answer of Sandgate's.");
    }
    return new Problem({ ...document, errors: Array.isArray(document.errors) ? document.errors : [] }, retryAfterOf(response));
}

function parsed(text) {
    try {
        return JSON.parse(text);
    } catch {
        throw Problem.local("The answer cannot be read", "It is not JSON.");
    }
}

/** The document, if it is one of the service's: what else listens at this address may answer anything. */
function withMember(document, member, type) {
    if (typeof document?.[member] !== type) {
        throw Problem.local("The answer cannot be read", `It has no ${member}, so it is not Sandgate's.`);
    }
    return document;
}

/** Reads an event stream to its end and gives the document of its `result`. */
async function readEvents(response, onEvent) {
    let result = null;
    const parser = new EventParser((name, data) => {
        const document = parsed(data);
        if (name === "error") {
            throw new Problem({ errors: [], ...document });
        } else if (name === "result") {
            result = document;
        } else {
            onEvent(name, document);
        }
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    try {
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
            parser.feed(part.value);
        }
    } finally {
        reader.cancel().catch(() => {}); // after an error nobody reads on, and the run shall end
    }
    if (!result) {
        throw Problem.local("The answer broke off", "The connection ended before the run's result was there.",
            "The run was ended with it. Run the program again.");
    }
    return result;
}

export class Api {
    constructor(base, fetcher = (...request) => fetch(...request)) {
        this.base = base;
        this.fetch = fetcher;
        this.events = true; // until the service says that it has none
    }

    async send(path, options) {
        try {
            return await this.fetch(new URL(path, this.base), { cache: "no-store", ...options });
        } catch (error) {
            if (error.name === "AbortError") {
                throw error;
            }
            throw Problem.local("The service cannot be reached", "No answer came from it.",
                "Look at your connection, and whether the service runs.");
        }
    }

    post(path, accept, request, signal) {
        const headers = { "Content-Type": JSON_TYPE, Accept: accept };
        return this.send(path, { method: "POST", headers, body: JSON.stringify(request), signal });
    }

    async documentOf(response) {
        if (!response.ok) {
            throw await problemOf(response);
        }
        let text;
        try {
            text = await response.text();
        } catch (error) {
            if (error.name === "AbortError") {
                throw error;
            }
            throw Problem.local("The answer broke off", "The connection ended in the middle of it.");
        }
        return parsed(text);
    }

    async get(path) {
        return this.documentOf(await this.send(path, { headers: { Accept: JSON_TYPE } }));
    }

    async validate(request, { signal } = {}) {
        return withMember(await this.documentOf(await this.post("v1/validate", JSON_TYPE, request, signal)), "validation", "object");
    }

    async execute(request, options) {
        return withMember(await this.answerOf(request, options), "status", "string");
    }

    async answerOf(request, { signal, onEvent = () => {} } = {}) {
        let response = await this.post("v1/execute", this.events ? EVENTS_TYPE : JSON_TYPE, request, signal);
        if (this.events && response.status === 406) {
            this.events = false; // nothing has run yet
            response.body?.cancel().catch(() => {});
            response = await this.post("v1/execute", JSON_TYPE, request, signal);
        }
        if (!response.ok || typeOf(response) !== EVENTS_TYPE) {
            return this.documentOf(response);
        }
        try {
            return await readEvents(response, onEvent);
        } catch (error) {
            if (error instanceof Problem || error.name === "AbortError") {
                throw error;
            }
            throw Problem.local("The answer broke off", "The connection ended in the middle of it.");
        }
    }
}
