// The parts of the editor that need no browser: indenting, colours, which lines have changed.
import assert from "node:assert/strict";
import { test } from "node:test";

import { tokenize } from "../../nginx-conf/playground/highlight.mjs";
import { enter, further, lessFar } from "../../nginx-conf/playground/indent.mjs";
import { languageOf } from "../../nginx-conf/playground/languages.mjs";
import { changed } from "../../nginx-conf/playground/lines.mjs";

const PYTHON = languageOf({ language: "python", extensions: ["py"] });
const JAVASCRIPT = languageOf({ language: "javascript", extensions: ["js", "mjs"] });

/** The text after an edit, with | at both ends of what is selected. */
function after(edit, marked, language = PYTHON) {
    const start = marked.indexOf("|");
    const end = marked.lastIndexOf("|") === start ? start : marked.lastIndexOf("|") - 1;
    const text = marked.replaceAll("|", "");
    const { start: from, end: to, insert, from: first, to: last } = edit(text, start, end, language);
    const done = text.slice(0, from) + insert + text.slice(to);
    return first === last ? `${done.slice(0, first)}|${done.slice(first)}`
        : `${done.slice(0, first)}|${done.slice(first, last)}|${done.slice(last)}`;
}

test("a new line is as far in as the last one, or further", () => {
    assert.equal(after(enter, "x = 1|"), "x = 1\n|");
    assert.equal(after(enter, "  x|y"), "  x\n  |y");
    assert.equal(after(enter, "if x:|"), "if x:\n    |");
    assert.equal(after(enter, "if x: |"), "if x: \n    |");
    assert.equal(after(enter, "    f(|"), "    f(\n        |");
    assert.equal(after(enter, "function f() {|}", JAVASCRIPT), "function f() {\n  |}");
    assert.equal(after(enter, "a|bc|d"), "a\n|d");
});

test("tab goes to the next stop", () => {
    assert.equal(after(further, "|x"), "    |x");
    assert.equal(after(further, "ab|"), "ab  |");
    assert.equal(after(further, "ab|", JAVASCRIPT), "ab  |");
    assert.equal(after(further, "a|b|c"), "a   |c");
});

test("tab and shift-tab move whole lines", () => {
    assert.equal(after(further, "a\n|b\n\nc|\nd"), "a\n|    b\n\n    c|\nd");
    assert.equal(after(further, "|a\n|b"), "|    a|\nb", "not the line that the selection only touches");
    assert.equal(after(lessFar, "|    a\n  b\nc|"), "|a\nb\nc|");
    assert.equal(after(lessFar, "        a|"), "    a|");
    assert.equal(after(lessFar, "  |  a"), "|a");
    assert.equal(after(lessFar, "a|"), "a|");
    assert.equal(after(lessFar, "\ta|"), "a|");
});

test("only lines that have changed count", () => {
    assert.deepEqual(changed([], ["a"]), { from: 0, removed: 0, added: 1 });
    assert.deepEqual(changed(["a", "b", "c"], ["a", "x", "c"]), { from: 1, removed: 1, added: 1 });
    assert.deepEqual(changed(["a", "b"], ["a", "a", "b"]), { from: 1, removed: 0, added: 1 });
    assert.deepEqual(changed(["a", "a"], ["a"]), { from: 1, removed: 1, added: 0 });
    assert.deepEqual(changed(["a"], ["a"]), { from: 1, removed: 0, added: 0 });
});

/** Kinds of a text's lines, as "kind:text". */
function kinds(text, language) {
    let state = null;
    return text.split("\n").flatMap((line) => {
        const done = tokenize(line, state, language.grammar);
        state = done.state;
        assert.equal(done.tokens.map(([, part]) => part).join(""), line, "nothing is lost");
        return done.tokens.filter(([kind]) => kind).map(([kind, part]) => `${kind}:${part}`);
    });
}

test("colours of Python", () => {
    assert.deepEqual(kinds("for x in 'a\\'b': # note", PYTHON), ["keyword:for", "keyword:in", "string:'a\\'b'", "comment:# note"]);
    assert.deepEqual(kinds("'''a\nb # c''' + 0x1F", PYTHON), ["string:'''a", "string:b # c'''", "number:0x1F"]);
    assert.deepEqual(kinds("'open\nx = 1", PYTHON), ["string:'open", "number:1"]);
    assert.deepEqual(kinds("format = forx", PYTHON), [], "words that hold a keyword are none");
});

test("colours of the others", () => {
    assert.deepEqual(kinds("const a = `x\ny`; /* b\nc */ // d", JAVASCRIPT),
        ["keyword:const", "string:`x", "string:y`", "comment:/* b", "comment:c */", "comment:// d"]);
    const lua = languageOf({ language: "lua", extensions: ["lua"] });
    assert.deepEqual(kinds("local x --[[ a\nb ]] -- c\n[[d]]", lua),
        ["keyword:local", "comment:--[[ a", "comment:b ]]", "comment:-- c", "string:[[d]]"]);
    const bash = languageOf({ language: "bash", extensions: ["sh"] });
    assert.deepEqual(kinds("echo 'a\\' # b\nif", bash), ["string:'a\\'", "comment:# b", "keyword:if"]);
});

test("every language takes any text without losing a character", () => {
    const text = "\u{1f600}\u0000'\"`/*--[[#\\\n]]*/'''\"\"\"1e9_x\u00e9 $a _ \t\ud800\n\\";
    for (const extension of ["py", "js", "sh", "c", "cpp", "rb", "pl", "lua"]) {
        kinds(text, languageOf({ language: extension, extensions: [extension] }));
        kinds("x".repeat(100000), languageOf({ language: extension, extensions: [extension] }));
    }
});

test("a language that the page does not know has no colours and no examples", () => {
    const unknown = languageOf({ language: "brain_flak", extensions: ["bf"] });
    assert.deepEqual([unknown.name, unknown.grammar, unknown.examples], ["Brain flak", null, []]);
    assert.deepEqual(kinds("if x: 1", unknown), []);
});
