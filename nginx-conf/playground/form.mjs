// The form: what is to be run, and how. It is filled from /v1/runtimes, /v1/limits and /ready, and read into a request.
//
//     const form = new Form(editor);
//     form.fill({ runtimes, limits, engines });
//     form.request(), form.check()          bodies for /v1/execute and /v1/validate
//     form.fieldOf("/limits/memory_bytes")  the element that a JSON pointer of such a body is about, or null
import { byId, element } from "./dom.mjs";
import { languageOf } from "./languages.mjs";
import { Limits } from "./limits.mjs";
import { splitArguments } from "./text.mjs";

const NO_CHECK = ""; // no policy is called that

function options(select, rows) {
    select.replaceChildren(...rows.map(([value, text]) => element("option", { value }, text)));
}

export class Form {
    constructor(editor) {
        this.editor = editor;
        this.language = byId("language");
        this.example = byId("example");
        this.stdin = byId("stdin");
        this.args = byId("args");
        this.merge = byId("merge");
        this.policy = byId("policy");
        this.engine = byId("engine");
        this.limits = new Limits(byId("limits"));
        this.runtimes = [];
        this.texts = new Map(); // what was written in each language, while another one is chosen
        this.language.addEventListener("change", () => this.choose());
        this.example.addEventListener("change", () => this.take());
    }

    fill({ runtimes, limits, engines }) {
        this.runtimes = runtimes;
        options(this.language, runtimes.map((runtime, n) => [n, [languageOf(runtime).name, runtime.version].filter(Boolean).join(" ")]));
        const preferred = runtimes.findIndex((runtime) => runtime.language === "python");
        this.language.value = Math.max(0, preferred);
        this.fillPolicies(limits.validation);
        options(this.engine, [["", "as the service chooses"], ...engines.map((name) => [name, name])]);
        this.engine.closest(".field").hidden = engines.length < 2;
        this.limits.show(limits.limits);
        this.choose();
    }

    fillPolicies({ policy, policies, required }) {
        options(this.policy, [
            ...policies.map((name) => [name, name === policy ? `${name} (the service's own choice)` : name]),
            ...(required ? [] : [[NO_CHECK, "no check: run without a risk score"]]),
        ]);
        this.policy.value = policy;
    }

    get canSkipCheck() {
        return [...this.policy.options].some((option) => option.value === NO_CHECK);
    }

    get runtime() {
        return this.runtimes[Number(this.language.value)];
    }

    choose() {
        if (this.shown) {
            this.texts.set(this.shown, this.editor.text);
        }
        this.shown = this.runtime.language;
        const language = languageOf(this.runtime);
        this.editor.language = language;
        options(this.example, [["", "Choose…"], ...language.examples.map((example, n) => [n, example.name])]);
        this.example.disabled = language.examples.length === 0;
        this.editor.text = this.texts.get(this.shown) ?? language.examples[0]?.code ?? "";
    }

    take() {
        const example = languageOf(this.runtime).examples[Number(this.example.value)];
        if (this.example.value !== "" && example) {
            this.editor.replaceAll(example.code);
            this.stdin.value = example.stdin ?? "";
        }
    }

    /** What /v1/execute and /v1/validate have in common. */
    program() {
        const { language, version } = this.runtime;
        const several = this.runtimes.filter((runtime) => runtime.language === language).length > 1;
        return { language, code: this.editor.text, version: several && version ? version : undefined };
    }

    check() {
        const { language, code } = this.program();
        return { language, code, policy: this.policy.value === NO_CHECK ? undefined : this.policy.value };
    }

    /** Members that are undefined are not sent: they keep the service's default. `skipCheck`: whatever the policy field says. */
    request({ skipCheck = false } = {}) {
        const args = splitArguments(this.args.value);
        const limits = this.limits.values();
        const unchecked = skipCheck || this.policy.value === NO_CHECK;
        return {
            ...this.program(),
            stdin: this.stdin.value || undefined,
            args: args.length > 0 ? args : undefined,
            merge_stderr: this.merge.checked || undefined,
            limits: Object.keys(limits).length > 0 ? limits : undefined,
            validate: unchecked ? false : undefined,
            policy: unchecked ? undefined : this.policy.value,
            engine: this.engine.value || undefined,
        };
    }

    fieldOf(pointer) {
        const [, name, member] = pointer.split("/");
        if (name === "limits" && member) {
            return this.limits.field(member) ?? null;
        }
        const fields = { language: this.language, version: this.language, code: this.editor.textarea, stdin: this.stdin, args: this.args,
            merge_stderr: this.merge, policy: this.policy, validate: this.policy, engine: this.engine };
        return Object.hasOwn(fields, name ?? "") ? fields[name] : null;
    }
}
