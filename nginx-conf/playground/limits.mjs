// The fields of limits, made from /v1/limits, in units for people: seconds and MiB where the default is that large.
//
//     const limits = new Limits(containerElement);
//     limits.show(document.limits);
//     limits.values()             { memory_bytes: 67108864 }: what was written into a field; the others keep their default
import { element } from "./dom.mjs";
import { figure, named } from "./words.mjs";

const MIB = 1024 * 1024;

/** The unit that a field is in: [factor, name]. */
export function scaleOf({ unit, default: value }) {
    if (unit === "ms") {
        return value >= 1000 ? [1000, "seconds"] : [1, "milliseconds"];
    }
    if (unit === "bytes") {
        return value >= MIB ? [MIB, "MiB"] : [1024, "KiB"];
    }
    return [1, unit === "percent" ? "percent" : ""];
}

/** What is sent for a field's text: a whole number where it is one, else what was written, for the service to refuse. */
export function valueOf(text, factor) {
    const number = Number(text);
    if (!Number.isFinite(number)) {
        return text;
    }
    // Seconds and MiB may have a fraction, and what is sent is whole. A fraction of a count stays, and is refused.
    return factor > 1 ? Math.round(number * factor) : number;
}

export class Limits {
    constructor(container) {
        this.container = container;
        this.fields = new Map();
    }

    show(limits) {
        this.fields.clear();
        this.container.replaceChildren(...Object.entries(limits).map(([name, limit]) => this.row(name, limit)));
    }

    row(name, limit) {
        const [factor, unit] = scaleOf(limit);
        const id = `limit-${name}`;
        const input = element("input", { id, name, inputmode: "decimal", autocomplete: "off", placeholder: limit.default / factor,
            "aria-describedby": `${id}-range`, title: limit.description });
        this.fields.set(name, { input, factor });
        const range = `${figure(name, limit.minimum)} to ${figure(name, limit.maximum)}`;
        return element("div", { class: "field" },
            element("label", { for: id }, named(name), unit ? element("span", { class: "quiet" }, ` in ${unit}`) : null),
            input,
            element("p", { class: "quiet", id: `${id}-range` }, `${range}; else ${figure(name, limit.default)}`));
    }

    values() {
        const written = [...this.fields].filter(([, { input }]) => input.value.trim() !== "");
        return Object.fromEntries(written.map(([name, { input, factor }]) => [name, valueOf(input.value.trim(), factor)]));
    }

    /** The field of a limit's name, or undefined. */
    field(name) {
        return this.fields.get(name)?.input;
    }
}
