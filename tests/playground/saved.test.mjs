import assert from "node:assert/strict";
import { test } from "node:test";

import { Saved } from "../../nginx-conf/playground/saved.mjs";

function whole(saved) {
    return Buffer.concat(saved.parts());
}

test("what comes is kept as it came, however it was divided", () => {
    const all = Buffer.from(Array.from({ length: 200000 }, (_, n) => n * 7 % 256));
    for (const size of [1, 1000, 65536, 65537, 200000]) {
        const saved = new Saved(1000000);
        for (let at = 0; at < all.length; at += size) {
            saved.add(all.subarray(at, at + size));
        }
        assert.ok(whole(saved).equals(all), `in pieces of ${size}`);
        assert.equal(saved.received, all.length);
        assert.ok(saved.parts().length < 10, "in few parts");
    }
});

test("no more than the first bytes are kept, and all are counted", () => {
    const saved = new Saved(5);
    saved.add(Buffer.from("abc"));
    saved.add(Buffer.from("defg"));
    saved.add(Buffer.from("h"));
    assert.equal(whole(saved).toString(), "abcde");
    assert.deepEqual([saved.received, saved.kept], [8, 5]);
});

test("nothing is nothing", () => {
    assert.equal(whole(new Saved(5)).length, 0);
});
