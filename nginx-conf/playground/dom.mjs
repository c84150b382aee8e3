// Elements made by hand. Text only ever becomes text: there is no way here to make markup out of a string, and the page's
// Content-Security-Policy (Trusted Types) makes the browser refuse every other way.
//
//     element("p", { class: "note" }, "Line ", element("b", {}, 7))

/** An element with attributes (null and false: left out; true: empty) and children, which are nodes or become text. */
export function element(name, attributes = {}, ...children) {
    const node = document.createElement(name);
    for (const [attribute, value] of Object.entries(attributes)) {
        if (value !== null && value !== false) {
            node.setAttribute(attribute, value === true ? "" : String(value));
        }
    }
    node.append(...children.filter((child) => child !== null).map((child) => (child instanceof Node ? child : String(child))));
    return node;
}

/** The element with that id; a page without it is broken, and says so at once. */
export function byId(id) {
    const node = document.getElementById(id);
    if (!node) {
        throw new Error(`the page has no #${id}`);
    }
    return node;
}

/** A list of terms and what is said of them: rows of [term, description]. */
export function definitions(rows) {
    return element("dl", { class: "facts" }, ...rows.map(([term, description]) =>
        element("div", {}, element("dt", {}, term), element("dd", {}, description))));
}

// Types that a browser draws and that carry no script. Everything else is offered as a file, under a type that no browser
// opens: a page of a program's making must never be one of this origin.
const DRAWN = ["image/png", "image/jpeg", "image/gif", "image/webp"];

export function isDrawn(type) {
    return DRAWN.includes(type);
}

/** Addresses of things made here. They live until release(): each holds its bytes in memory. */
export class Addresses {
    constructor() {
        this.made = [];
    }

    of(parts, type) {
        const address = URL.createObjectURL(new Blob(parts, { type: isDrawn(type) ? type : "application/octet-stream" }));
        this.made.push(address);
        return address;
    }

    release() {
        this.made.forEach((address) => URL.revokeObjectURL(address));
        this.made = [];
    }
}
