// Light colouring, line by line: comments, strings, numbers, keywords. It parses nothing, and where it errs a word has the
// wrong colour for a while. What a language looks like is a row of languages.mjs.
//
//     const { tokens, state } = tokenize("x = 'a' # b", null, grammar);    tokens: [kind or null, text]

// A line of a program that nobody wrote by hand: colours would cost more than they tell.
const LONGEST_LINE = 2000;
const WORD = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const NUMBER = /(?:0[xXbBoO][\da-fA-F_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?)[a-zA-Z]*/y;
const PLAIN = /[^\p{L}\p{N}_$"'`#/\-[(*]+|./uy;

function matchAt(pattern, text, at) {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? null;
}

/** Where the string or comment ends that is open at `at`: the index after its end, or -1 if it goes on in the next line. */
function endOf(open, line, at) {
    for (let i = at; i < line.length; i += 1) {
        if (open.escape && line[i] === "\\") {
            i += 1;
        } else if (line.startsWith(open.close, i)) {
            return i + open.close.length;
        }
    }
    return -1;
}

/** What begins at `at`: { kind, text } of a token, or { region } of a string or comment that is to be read further. */
function beginning(line, at, grammar) {
    if (grammar.comments.some((mark) => line.startsWith(mark, at))) {
        return { kind: "comment", text: line.slice(at) };
    }
    const region = grammar.regions.find((one) => line.startsWith(one.open, at));
    if (region) {
        return { region };
    }
    const word = matchAt(WORD, line, at);
    if (word) {
        return { kind: grammar.keywords.has(word) ? "keyword" : null, text: word };
    }
    const number = matchAt(NUMBER, line, at);
    return number ? { kind: "number", text: number } : { kind: null, text: matchAt(PLAIN, line, at) ?? line[at] };
}

/** Neighbours of one kind become one. */
function add(tokens, kind, text) {
    const last = tokens.at(-1);
    if (last && last[0] === kind) {
        last[1] += text;
    } else if (text !== "") {
        tokens.push([kind, text]);
    }
}

/** Tokens of one line; `state` is the region that is open at its beginning, or null, and then that at its end. */
export function tokenize(line, state, grammar) {
    if (!grammar || line.length > LONGEST_LINE) {
        return { tokens: line === "" ? [] : [[null, line]], state: null };
    }
    const tokens = [];
    let open = state;
    let at = 0;
    let inside = 0; // where the content of the open region begins: after its opening, if that is in this line
    while (open || at < line.length) {
        if (open) {
            const end = endOf(open, line, inside);
            add(tokens, open.kind, line.slice(at, end < 0 ? line.length : end));
            if (end < 0) {
                return { tokens, state: open.multiline ? open : null };
            }
            open = null;
            at = end;
        } else {
            const { region, kind, text } = beginning(line, at, grammar);
            open = region ?? null;
            inside = at + (region?.open.length ?? 0);
            if (!region) {
                add(tokens, kind, text);
                at += text.length;
            }
        }
    }
    return { tokens, state: null };
}
