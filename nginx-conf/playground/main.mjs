// The playground: what is written is run, and what comes back is shown. This file joins the parts; each says for itself what it
// is for. The contract with the service is docs/API.md.
import { Api, Problem } from "./api.mjs";
import { byId } from "./dom.mjs";
import { Editor } from "./editor.mjs";
import { Findings, marksOf } from "./findings.mjs";
import { Form } from "./form.mjs";
import { Files } from "./outputs.mjs";
import { Problems } from "./problem.mjs";
import { Stream } from "./stream.mjs";
import { Summary } from "./summary.mjs";
import { shortened, visible } from "./text.mjs";
import { headline } from "./words.mjs";

const LONGEST_SPOKEN = 300;

const api = new Api(new URL("../", document.baseURI));
let again = () => {}; // what "Try again" does
let controller = null; // of the request that is under way

const findings = new Findings(
    { section: byId("findings"), summary: byId("risk"), meter: byId("risk-meter"), list: byId("finding-list") },
    { onJump: jump });
const editor = new Editor(
    { frame: byId("editor"), textarea: byId("code"), paint: byId("paint"), gutter: byId("gutter") },
    { onMark: (id) => findings.focus(id) });
const form = new Form(editor);
const summary = new Summary({ banner: byId("banner"), figures: byId("figures"), details: byId("details") });
const streams = ["stdout", "stderr"].map((name) => new Stream(byId(name), name));
const files = new Files({ section: byId("files"), list: byId("file-list"), omitted: byId("files-omitted") });
const problems = new Problems(byId("problem"), { fieldOf: (pointer) => form.fieldOf(pointer), onRetry: () => again() });

function jump(finding, id) {
    const line = editor.lineOf(id) ?? finding.line;
    editor.select(line, finding.column, line + finding.end_line - finding.line, finding.end_column);
}

/** To screen readers; the page shows it already. */
function say(text) {
    byId("spoken").textContent = shortened(visible(text), LONGEST_SPOKEN);
}

function clear() {
    byId("empty").hidden = true;
    byId("silent").hidden = true;
    summary.clear();
    streams.forEach((stream) => stream.clear());
    files.clear();
    findings.clear();
    problems.clear();
    editor.mark([]);
}

function setBusy(busy) {
    // Not `disabled`: whoever has just pressed a button by keyboard would lose the place.
    byId("run").setAttribute("aria-disabled", String(busy));
    byId("check").setAttribute("aria-disabled", String(busy));
    byId("stop").setAttribute("aria-disabled", String(!busy));
    byId("results").setAttribute("aria-busy", String(busy));
}

/** One request at a time: `work` gets its signal, and what it throws is shown, with the ways out that `offer` knows. */
async function during(title, work, offer = () => {}) {
    if (controller || form.runtimes.length === 0) {
        return;
    }
    const mine = new AbortController();
    controller = mine;
    clear();
    setBusy(true);
    summary.running(title);
    say(title);
    reveal();
    try {
        await work(mine.signal);
    } catch (error) {
        streams.forEach((stream) => stream.end(null));
        fail(error);
        offer(error);
    } finally {
        controller = null;
        setBusy(false);
    }
}

function fail(error) {
    if (error.name === "AbortError") {
        summary.stopped();
        say("Stopped");
        return;
    }
    summary.clear();
    say(""); // "Running" is over, and the problem, an alert, is read out by itself
    if (!(error instanceof Problem)) {
        problems.show(Problem.local("The page failed", error.message, "Load it again.", false));
        throw error; // to the console, with its trace
    }
    problems.show(error);
}

/** For this one run: the policy field keeps what was chosen, for other programs and languages. */
function offerUnchecked(error) {
    if (error.document?.code === "validation_unavailable" && form.canSkipCheck) {
        problems.offer("Run it without a check", () => run({ skipCheck: true }));
    }
}

function run(how = {}) {
    again = () => run(how);
    return during(how.skipCheck ? "Running without a check" : "Running", async (signal) => {
        const answer = await api.execute(form.request(how), { signal, onEvent });
        streams.filter((stream) => Object.hasOwn(answer, stream.name)).forEach((stream) => stream.whole(answer));
        streams.forEach((stream) => stream.end(answer));
        (answer.files ?? []).forEach((file) => files.add(file));
        files.tell(answer.files_omitted);
        showValidation(answer.validation);
        summary.show(answer);
        byId("silent").hidden = answer.status === "rejected" || streams.some((stream) => !stream.isEmpty);
        sayResult(answer);
    }, offerUnchecked);
}

function onEvent(name, document) {
    if (name === "file") {
        files.add(document);
    }
    streams.find((stream) => stream.name === name)?.add(document);
}

function check() {
    again = check;
    return during("Checking", async (signal) => {
        const answer = await api.validate(form.check(), { signal });
        summary.clear();
        showValidation(answer.validation);
        say(byId("risk").textContent);
    });
}

function showValidation(validation) {
    findings.show(validation);
    editor.mark(marksOf(validation));
}

function sayResult(answer) {
    const stdout = streams[0].beginning;
    say([headline(answer), answer.error, stdout && `Output: ${stdout}`].filter(Boolean).join(". "));
}

function stop() {
    controller?.abort();
}

/** Where the results are below the program, they are brought into view. */
function reveal() {
    const results = byId("results");
    if (results.getBoundingClientRect().top > window.innerHeight - 120) {
        results.scrollIntoView({ block: "start" }); // smooth or not is the style sheet's to say
    }
}

function onKey(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
        event.preventDefault();
        run();
    } else if (event.key === "Escape" && controller) {
        stop();
    }
}

function listen() {
    byId("program").addEventListener("submit", (event) => {
        event.preventDefault();
        run();
    });
    byId("check").addEventListener("click", check);
    byId("stop").addEventListener("click", stop);
    document.addEventListener("keydown", onKey);
}

/** The service's engines, as far as /ready tells: it may be away while everything else answers. */
async function enginesOf() {
    try {
        return Object.keys((await api.get("ready")).engines ?? {});
    } catch {
        return [];
    }
}

async function load() {
    again = load;
    problems.clear();
    try {
        const [runtimes, limits, engines] = await Promise.all([api.get("v1/runtimes"), api.get("v1/limits"), enginesOf()]);
        if (runtimes.length === 0) {
            throw Problem.local("There is no language to run", "The service has none at this location.");
        }
        form.fill({ runtimes, limits, engines });
        byId("empty").hidden = false;
        setBusy(false);
        document.documentElement.dataset.ready = "yes";
    } catch (error) {
        fail(error);
    }
}

// On a phone the results are nearer without it.
byId("input").open = window.matchMedia("(min-width: 34rem)").matches;
listen();
await load();
