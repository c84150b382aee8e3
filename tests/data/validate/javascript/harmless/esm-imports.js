import assert from "node:assert";
import { EventEmitter } from "node:events";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const emitter = new EventEmitter();
emitter.once("ready", (value) => console.log("ready", value));
await sleep(1);
emitter.emit("ready", path.basename(here) !== "");

const util = await import("node:util");
assert.ok(util.inspect(new Map([["a", 1]])).includes("a"));

export const answer = 42;
export default class Thing {}
export { path as paths };
