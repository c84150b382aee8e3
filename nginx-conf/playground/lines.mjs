// Which lines of a text an edit has changed: what is before and after them keeps its colours and its marks.
//
//     const { from, removed, added } = changed(["a", "b"], ["a", "x", "b"]);      1, 0, 1

export function changed(before, after) {
    const shorter = Math.min(before.length, after.length);
    let from = 0;
    while (from < shorter && before[from] === after[from]) {
        from += 1;
    }
    let end = 0;
    while (end < shorter - from && before[before.length - 1 - end] === after[after.length - 1 - end]) {
        end += 1;
    }
    return { from, removed: before.length - from - end, added: after.length - from - end };
}
