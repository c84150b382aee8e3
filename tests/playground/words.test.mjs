import assert from "node:assert/strict";
import { test } from "node:test";

import { scaleOf, valueOf } from "../../nginx-conf/playground/limits.mjs";
import { bytes, figure, headline, milliseconds, named, sentence } from "../../nginx-conf/playground/words.mjs";

test("figures are in units that people read", () => {
    assert.deepEqual([0, 1, 1023, 1024, 4018176, 536870912, 2147483648].map(bytes),
        ["0 bytes", "1 byte", "1023 bytes", "1 KiB", "3.83 MiB", "512 MiB", "2 GiB"]);
    assert.deepEqual([0, 0.236, 24.815, 999, 1088.46, 30000].map(milliseconds),
        ["0 ms", "0.236 ms", "24.8 ms", "999 ms", "1.09 s", "30 s"]);
    assert.equal(figure("memory_peak_bytes", null), "not measured");
    assert.equal(figure("one_exec", true), "yes");
    assert.equal(figure("missing", []), "none");
    assert.equal(figure("cpu_percent", 47.41), "47.4 %");
});

test("each reason has a headline, and one that is not known its name", () => {
    const of = (reason, more = {}) => headline({ status: "failed", termination: { reason }, ...more });
    assert.equal(headline({ status: "success" }), "Succeeded");
    assert.equal(headline({ status: "rejected", termination: null }), "Refused before it ran");
    assert.equal(of("exited", { exit_code: 3 }), "Failed with exit code 3");
    assert.equal(of("signaled", { signal: "SIGSEGV" }), "Ended by signal SIGSEGV");
    for (const reason of ["wall_time", "cpu_time", "memory", "processes", "output", "file_size", "seccomp", "cancelled"]) {
        assert.doesNotMatch(of(reason), /^Ended/, reason);
    }
    assert.equal(of("cosmic_ray"), "Ended: Cosmic ray");
    assert.equal(named("toString"), "ToString", "not what every object has");
});

test("what the service says in passing becomes a sentence", () => {
    assert.equal(sentence("raise `timeout`, or do less work"), "Raise `timeout`, or do less work.");
    assert.equal(sentence("Done."), "Done.");
});

test("fields of limits are in units for people, and send what was written", () => {
    assert.deepEqual(scaleOf({ unit: "ms", default: 30000 }), [1000, "seconds"]);
    assert.deepEqual(scaleOf({ unit: "ms", default: 500 }), [1, "milliseconds"]);
    assert.deepEqual(scaleOf({ unit: "bytes", default: 1048576 }), [1048576, "MiB"]);
    assert.deepEqual(scaleOf({ unit: "bytes", default: 65536 }), [1024, "KiB"]);
    assert.deepEqual(scaleOf({ unit: "count", default: 100 }), [1, ""]);
    assert.equal(valueOf("0.5", 1000), 500);
    assert.equal(valueOf("64", 1048576), 67108864);
    assert.equal(valueOf("1.5", 1), 1.5, "the service says that a count is whole");
    assert.equal(valueOf("many", 1), "many", "the service says what is allowed");
});
