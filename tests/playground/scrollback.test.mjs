import assert from "node:assert/strict";
import { test } from "node:test";

import { Scrollback } from "../../nginx-conf/playground/scrollback.mjs";

function shown(back) {
    const { head, omitted, tail } = back.view();
    return [head, omitted, tail];
}

test("what fits is all there", () => {
    const back = new Scrollback(10, 10);
    back.append("one\n");
    back.append("two");
    assert.deepEqual(shown(back), ["one\ntwo", 0, ""]);
});

test("beginning and end are kept, the middle is counted", () => {
    const back = new Scrollback(4, 100);
    for (const character of "abcdefghijklmnop") {
        back.append(character);
    }
    assert.deepEqual(shown(back), ["abcd", 8, "mnop"]);
});

test("the same, however it comes", () => {
    const text = Array.from({ length: 500 }, (_, n) => `line ${n}\n`).join("");
    const views = [1, 7, 64, 5000].map((size) => {
        const back = new Scrollback(100, 20);
        for (let at = 0; at < text.length; at += size) {
            back.append(text.slice(at, at + size));
        }
        const { head, omitted, tail } = back.view();
        assert.equal(head.length + omitted + tail.length, text.length);
        assert.ok(text.startsWith(head) && text.endsWith(tail));
        return { head, tail };
    });
    views.forEach((view) => assert.deepEqual(view, views[0]));
});

test("lines are bounded too", () => {
    const back = new Scrollback(1000, 3);
    back.append("\n".repeat(50));
    assert.deepEqual(shown(back), ["\n\n\n", 44, "\n\n\n"]);
    back.append("x\ny");
    assert.equal(back.view().tail, "\nx\ny");
});

test("a line without an end is bounded", () => {
    const back = new Scrollback(8, 8);
    back.append("x".repeat(1000));
    assert.deepEqual(shown(back), ["xxxxxxxx", 984, "xxxxxxxx"]);
});

test("a flood takes little memory and time", () => {
    const back = new Scrollback();
    const piece = "0123456789abcde\n".repeat(512);
    for (let n = 0; n < 8192; n += 1) { // 64 MiB, the most that a program can write
        back.append(piece);
        assert.ok(back.tail.length < 6 * back.characters);
    }
    const { head, omitted, tail } = back.view();
    assert.equal(head.length + omitted + tail.length, 8192 * piece.length);
    assert.ok(tail.length <= back.characters && head.length <= back.characters);
});

test("no pair of surrogates is torn", () => {
    const back = new Scrollback(3, 10);
    back.append("\u{1f600}".repeat(10));
    const { head, tail } = back.view();
    assert.ok(head.isWellFormed?.() ?? head.length % 2 === 0);
    assert.ok(tail.isWellFormed?.() ?? tail.length % 2 === 0);
});

test("a gap of the service's stands in its place", () => {
    const back = new Scrollback(100, 10);
    back.append("first half");
    back.gap(1234);
    back.append("second half");
    assert.deepEqual(back.view(), { head: "first half", omitted: 0, omittedBytes: 1234, tail: "second half" });
});

test("a gap after more than is shown leaves one place where something is missing", () => {
    const back = new Scrollback(4, 10);
    back.append("abcdefgh");
    back.gap(5);
    back.append("xy");
    assert.deepEqual(back.view(), { head: "abcd", omitted: 4, omittedBytes: 5, tail: "xy" });
});
