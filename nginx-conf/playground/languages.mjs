// What the editor knows of languages, by the file name extension that /v1/runtimes tells: what they are called, how far they are
// indented, how they look. A language that is not here is edited without colours.
//
//     const language = languageOf(runtime);           { name, indent, grammar, examples }
import { EXAMPLES } from "./examples.mjs";
import { named } from "./words.mjs";

function string(quote, more = {}) {
    return { kind: "string", open: quote, close: quote, escape: true, multiline: false, ...more };
}

function block(open, close) {
    return { kind: "comment", open, close, escape: false, multiline: true };
}

function words(text) {
    return new Set(text.split(" "));
}

const C_WORDS = "auto bool break case char const continue default do double else enum extern false float for goto if inline int "
    + "long register restrict return short signed sizeof static struct switch true typedef union unsigned void volatile while";
const C_REGIONS = [block("/*", "*/"), string('"'), string("'")];

// Longer openings come first: the first that fits is taken.
const GRAMMARS = {
    py: {
        indent: 4, opens: /[:([{]$/, comments: ["#"],
        regions: [string('"""', { multiline: true }), string("'''", { multiline: true }), string('"'), string("'")],
        keywords: words("False None True and as assert async await break case class continue def del elif else except finally for "
            + "from global if import in is lambda match nonlocal not or pass raise return try while with yield"),
    },
    js: {
        indent: 2, opens: /[([{]$/, comments: ["//"],
        regions: [block("/*", "*/"), string("`", { multiline: true }), string('"'), string("'")],
        keywords: words("async await break case catch class const continue debugger default delete do else export extends false "
            + "finally for from function if import in instanceof let new null of return static super switch this throw true try "
            + "typeof undefined var void while yield"),
    },
    sh: {
        indent: 4, opens: /(?:\{|\b(?:then|do|else))$/, comments: ["#"],
        regions: [string('"', { multiline: true }), string("'", { multiline: true, escape: false })],
        keywords: words("break case continue do done elif else esac exit export fi for function if in local read return set shift "
            + "then trap unset until while"),
    },
    c: { indent: 4, opens: /[([{]$/, comments: ["//"], regions: C_REGIONS, keywords: words(C_WORDS) },
    cpp: {
        indent: 4, opens: /[([{]$/, comments: ["//"], regions: C_REGIONS,
        keywords: words(`${C_WORDS} catch class concept const_cast constexpr delete dynamic_cast explicit friend mutable namespace `
            + "new noexcept nullptr operator override private protected public requires static_cast template this throw try "
            + "typename using virtual"),
    },
    rb: {
        indent: 2, opens: /(?:[([{]|\b(?:do|then|else|begin)|\|)$/, comments: ["#"],
        regions: [string('"', { multiline: true }), string("'", { multiline: true })],
        keywords: words("alias and begin break case class def defined? do else elsif end ensure false for if in module next nil not "
            + "or redo rescue retry return self super then true undef unless until when while yield"),
    },
    pl: {
        indent: 4, opens: /[([{]$/, comments: ["#"], regions: [string('"', { multiline: true }), string("'", { multiline: true })],
        keywords: words("and continue do else elsif eq for foreach ge given gt if last le lt my ne next no not or our package redo "
            + "require return say sub unless until use while xor"),
    },
    lua: {
        indent: 4, opens: /(?:[({]|\b(?:then|do|else|repeat)|\))$/, comments: [],
        regions: [block("--[[", "]]"), { kind: "comment", open: "--", close: "\n", escape: false, multiline: false },
            { kind: "string", open: "[[", close: "]]", escape: false, multiline: true }, string('"'), string("'")],
        keywords: words("and break do else elseif end false for function goto if in local nil not or repeat return then true "
            + "until while"),
    },
};

const UNKNOWN = { indent: 4, opens: /[([{]$/, grammar: null };

/** Of a row of /v1/runtimes. */
export function languageOf(runtime) {
    const extension = (runtime.extensions ?? []).find((known) => Object.hasOwn(GRAMMARS, known));
    const grammar = extension ? GRAMMARS[extension] : null;
    return {
        name: named(runtime.language),
        indent: grammar?.indent ?? UNKNOWN.indent,
        opens: grammar?.opens ?? UNKNOWN.opens,
        grammar,
        examples: EXAMPLES[extension] ?? [],
    };
}
