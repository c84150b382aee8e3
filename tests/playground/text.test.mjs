import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesOf, offsetOf, safeCut, shortened, splitArguments, visible } from "../../nginx-conf/playground/text.mjs";

test("what a terminal would obey is made visible", () => {
    assert.equal(visible("\x1b[31mred\x07\x00\x7f"), "\u241b[31mred\u2407\u2400\u2421");
    assert.equal(visible("a\tb\nc"), "a\tb\nc");
    assert.equal(visible("a\r\nb\rc"), "a\nb\u240dc");
    assert.equal(visible("\ufeffx"), "\u27e8U+FEFF\u27e9x");
    assert.equal(visible("\x9b31m"), "\u27e8U+009B\u27e931m");
});

test("characters that turn the direction of text are made visible", () => {
    assert.equal(visible("access\u202e\u2066"), "access\u27e8U+202E\u27e9\u27e8U+2066\u27e9");
    assert.equal(visible("\u2028\u061c"), "\u27e8U+2028\u27e9\u27e8U+061C\u27e9");
    assert.equal(visible("\u05e9\u05dc\u05d5\u05dd"), "\u05e9\u05dc\u05d5\u05dd", "letters of such a script are text");
    assert.equal(visible("\u{1f468}\u200d\u{1f4bb}"), "\u{1f468}\u200d\u{1f4bb}", "one picture of several characters stays one");
});

test("bytes of both encodings", () => {
    assert.deepEqual([...bytesOf("/wAB", "base64")], [255, 0, 1]);
    assert.deepEqual([...bytesOf("\u00e9", "utf8")], [0xc3, 0xa9]);
    assert.equal(bytesOf("", "base64").length, 0);
});

test("arguments are lines", () => {
    assert.deepEqual(splitArguments(""), []);
    assert.deepEqual(splitArguments("a\nb c\n"), ["a", "b c"]);
    assert.deepEqual(splitArguments("a\n\nb"), ["a", "", "b"]);
    assert.deepEqual(splitArguments("\n"), [""]);
});

test("lines and columns count code points from 1", () => {
    assert.equal(offsetOf("import os\nx", 1, 8), 7);
    assert.equal(offsetOf("import os\nx", 2, 1), 10);
    assert.equal(offsetOf("\u{1f600}\u{1f600}x", 1, 3), 4, "two of UTF-16 each");
    assert.equal(offsetOf("ab\ncd", 1, 99), 2, "not past its line");
    assert.equal(offsetOf("ab", 9, 1), 2);
});

test("no character is cut in half", () => {
    const text = "a\u{1f600}b";
    assert.equal(safeCut(text, 2), 1);
    assert.equal(safeCut(text, 1), 1);
    assert.equal(safeCut(text, 3), 3);
    assert.equal(shortened(text, 2), "a\u2026");
    assert.equal(shortened("abc", 3), "abc");
});
