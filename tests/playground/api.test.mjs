// The client against answers that are made here: what a service without events does, and what a connection can do.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Api, Problem } from "../../nginx-conf/playground/api.mjs";

const JSON_HEADERS = { "Content-Type": "application/json" };
const PROBLEM_HEADERS = { "Content-Type": "application/problem+json" };
const EVENT_HEADERS = { "Content-Type": "text/event-stream" };

/** An Api whose requests get these answers in turn; `sent` has the requests. */
function apiWith(...answers) {
    const sent = [];
    const api = new Api(new URL("http://host/prefix/"), (url, options) => {
        sent.push({ url: String(url), ...options });
        const answer = answers.shift();
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    });
    return { api, sent };
}

function stream(...pieces) {
    const bytes = pieces.map((piece) => (typeof piece === "string" ? new TextEncoder().encode(piece) : piece));
    return new Response(new ReadableStream({
        pull(controller) {
            const next = bytes.shift();
            if (next instanceof Error) {
                controller.error(next);
            } else if (next) {
                controller.enqueue(next);
            } else {
                controller.close();
            }
        },
    }), { status: 200, headers: EVENT_HEADERS });
}

async function problemOf(promise) {
    const error = await promise.then(() => assert.fail("no problem"), (reason) => reason);
    assert.ok(error instanceof Problem, error);
    return error;
}

test("events come as they are, and the result is the answer", async () => {
    const { api, sent } = apiWith(stream('event: start\ndata: {"id":"a"}\n\nevent: stdout\ndata: {"data":"hi","enc',
        'oding":"utf8"}\n\nevent: ping\ndata: {}\n\n', 'event: result\ndata: {"status":"success"}\n\n'));
    const events = [];
    const answer = await api.execute({ language: "python", code: "" }, { onEvent: (...event) => events.push(event) });
    assert.deepEqual(answer, { status: "success" });
    assert.deepEqual(events, [["start", { id: "a" }], ["stdout", { data: "hi", encoding: "utf8" }], ["ping", {}]]);
    assert.equal(sent[0].url, "http://host/prefix/v1/execute");
    assert.equal(sent[0].headers.Accept, "text/event-stream");
    assert.equal(sent[0].body, '{"language":"python","code":""}');
});

test("a character that is torn between two pieces", async () => {
    const bytes = new TextEncoder().encode('event: stdout\ndata: {"data":"\u{1f600}"}\n\nevent: result\ndata: {"status":"success"}\n\n');
    const cut = bytes.indexOf(0xf0) + 2;
    const { api } = apiWith(stream(bytes.subarray(0, cut), bytes.subarray(cut)));
    const events = [];
    await api.execute({}, { onEvent: (...event) => events.push(event) });
    assert.deepEqual(events, [["stdout", { data: "\u{1f600}" }]]);
});

test("without events the whole document is asked for, and from then on at once", async () => {
    const refusal = () => new Response('{"title":"no"}', { status: 406, headers: PROBLEM_HEADERS });
    const answer = () => new Response('{"status":"failed"}', { headers: JSON_HEADERS });
    const { api, sent } = apiWith(refusal(), answer(), answer());
    assert.deepEqual(await api.execute({}), { status: "failed" });
    assert.deepEqual(await api.execute({}), { status: "failed" });
    assert.deepEqual(sent.map((request) => request.headers.Accept), ["text/event-stream", "application/json", "application/json"]);
});

test("a problem of the service is told as it is", async () => {
    const document = { title: "All slots are taken", detail: "d", status: 503, code: "busy", errors: [], retryable: true };
    const { api } = apiWith(new Response(JSON.stringify(document), { status: 503, headers: { ...PROBLEM_HEADERS, "Retry-After": "7" } }));
    const problem = await problemOf(api.execute({}));
    assert.deepEqual(problem.document, document);
    assert.equal(problem.retryAfter, 7);
});

test("a problem in the middle of events", async () => {
    const { api } = apiWith(stream('event: start\ndata: {}\n\nevent: error\ndata: {"title":"gone","code":"executor_lost"}\n\n'));
    const problem = await problemOf(api.execute({}));
    assert.deepEqual(problem.document, { title: "gone", code: "executor_lost", errors: [] });
});

test("events that end without a result", async () => {
    const { api } = apiWith(stream("event: start\ndata: {}\n\n"));
    assert.match((await problemOf(api.execute({}))).document.title, /broke off/);
});

test("a connection that breaks", async () => {
    const { api } = apiWith(stream("event: start\ndata: {}\n\n", new TypeError("network error")));
    assert.match((await problemOf(api.execute({}))).document.title, /broke off/);
});

test("no connection at all", async () => {
    const { api } = apiWith(new TypeError("Failed to fetch"));
    assert.match((await problemOf(api.get("v1/limits"))).document.title, /cannot be reached/);
});

test("answers that are not the service's", async () => {
    const { api } = apiWith(new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "Content-Type": "text/html" } }),
        new Response("<h1>fine</h1>", { headers: { "Content-Type": "text/html" } }),
        new Response("[]", { status: 500, headers: JSON_HEADERS }), stream("event: stdout\ndata: {broken\n\n"));
    assert.match((await problemOf(api.execute({}))).document.title, /status 502/);
    assert.match((await problemOf(api.execute({}))).document.title, /cannot be read/);
    assert.match((await problemOf(api.execute({}))).document.title, /status 500/);
    assert.match((await problemOf(api.execute({}))).document.title, /cannot be read/);
});

test("documents of another kind are no answers", async () => {
    for (const body of ["null", "[]", "7", '"status"', "{}", '{"status":7}']) {
        const { api } = apiWith(new Response(body, { headers: JSON_HEADERS }), new Response(body, { headers: JSON_HEADERS }));
        assert.match((await problemOf(api.execute({}))).document.title, /cannot be read/, body);
        assert.match((await problemOf(api.validate({}))).document.title, /cannot be read/, body);
    }
});

test("stopping is no problem", async () => {
    const { api } = apiWith(new DOMException("stopped", "AbortError"));
    await assert.rejects(api.execute({}), { name: "AbortError" });
});
