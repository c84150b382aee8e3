import assert from "node:assert/strict";
import { test } from "node:test";

import { EventParser } from "../../nginx-conf/playground/sse.mjs";

function parse(...pieces) {
    const events = [];
    const parser = new EventParser((name, data) => events.push([name, data]));
    pieces.forEach((piece) => parser.feed(piece));
    return events;
}

test("events have a name and data", () => {
    assert.deepEqual(parse('event: start\ndata: {"id":"a"}\n\nevent: stdout\ndata: {}\n\n'), [["start", '{"id":"a"}'], ["stdout", "{}"]]);
});

test("a name holds for its own event only", () => {
    assert.deepEqual(parse("event: a\ndata: 1\n\ndata: 2\n\n"), [["a", "1"], ["message", "2"]]);
});

test("data lines are joined", () => {
    assert.deepEqual(parse("data: 1\ndata:  2\ndata\n\n"), [["message", "1\n 2\n"]]);
});

test("comments, ids and empty events are no events", () => {
    assert.deepEqual(parse(": hello\nid: 7\nretry: 1\nnonsense: x\n\nevent: a\n\n"), []);
});

test("what has not ended is no event", () => {
    assert.deepEqual(parse("data: 1\n"), []);
    assert.deepEqual(parse("data: 1\n\ndata: 2"), [["message", "1"]]);
});

test("each end of line, and a byte order mark", () => {
    assert.deepEqual(parse("\ufeffdata: 1\r\n\r\ndata: 2\r\rdata: 3\n\n"), [["message", "1"], ["message", "2"], ["message", "3"]]);
});

test("the same, torn at every place", () => {
    const text = "\ufeff: x\r\nevent: stdout\r\ndata: \u{1f600}a: b\r\n\r\nevent:b\rdata:c\r\rdata: d\n\n";
    const whole = parse(text);
    assert.equal(whole.length, 3);
    for (let at = 0; at <= text.length; at += 1) {
        assert.deepEqual(parse(text.slice(0, at), text.slice(at)), whole, `torn at ${at}`);
    }
    assert.deepEqual(parse(...text.split("")), whole);
});

test("a long line in many pieces", () => {
    const piece = "x".repeat(64 * 1024);
    const [[name, data]] = parse("event: result\ndata: ", ...Array.from({ length: 256 }, () => piece), "\n\n");
    assert.equal(name, "result");
    assert.equal(data.length, 16 * 1024 * 1024);
});
