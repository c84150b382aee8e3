// Files that a program has left behind: pictures are shown, everything else can be saved.
//
//     const files = new Files({ section, list, omitted });
//     files.clear(); files.add({ path, size, content, encoding, media_type });
//     files.tell({ count, files: [{ path, reason }] });          what did not come back, `files_omitted` of an answer
import { Addresses, element, isDrawn } from "./dom.mjs";
import { bytesOf, shortened, visible } from "./text.mjs";
import { bytes, count, named } from "./words.mjs";

const MOST = 256; // of the service there are no more (SG_OUTPUT_FILES_MAX); of anything else this is enough
const LONGEST_PATH = 200;

/** A name for the disk: the last of the path. Browsers make the rest of it safe. */
function fileName(path) {
    return visible(path).split("/").at(-1) || "file";
}

export class Files {
    constructor({ section, list, omitted }) {
        Object.assign(this, { section, list, omitted });
        this.addresses = new Addresses();
        this.clear();
    }

    clear() {
        this.addresses.release();
        this.list.replaceChildren();
        this.omitted.hidden = true;
        this.section.hidden = true;
        this.seen = new Set();
    }

    /** Once for each path: an answer may list what events have brought before. */
    add(file) {
        if (this.seen.has(file.path) || this.seen.size >= MOST) {
            return;
        }
        this.seen.add(file.path);
        const content = bytesOf(file.content ?? "", file.encoding);
        const type = (file.media_type ?? "").split(";")[0].trim().toLowerCase();
        const path = shortened(visible(file.path), LONGEST_PATH);
        const address = this.addresses.of([content], type);
        const link = element("a", { href: this.addresses.of([content], ""), download: fileName(file.path) }, "Save ",
            element("span", { class: "path" }, path));
        const facts = element("span", { class: "quiet" }, ` ${bytes(file.size ?? content.length)}, ${visible(type || "unknown type")}`);
        const picture = isDrawn(type)
            ? element("img", { src: address, alt: `Picture made by the program: ${path}` }) : null;
        this.list.append(element("li", {}, picture, element("p", {}, link, facts)));
        this.section.hidden = false;
    }

    /** What the program left behind and the service did not give, with its reasons. */
    tell(omitted) {
        if (!omitted?.count) {
            return;
        }
        const reasons = (omitted.files ?? []).slice(0, MOST).map(({ path, reason }) => element("li", {},
            element("span", { class: "path" }, shortened(visible(path), LONGEST_PATH)), `: ${named(reason).toLowerCase()}`));
        const left = count(omitted.count, "more file, link or folder", "more files, links or folders");
        this.omitted.replaceChildren(element("p", {}, `${left} did not come back.`), element("ul", { class: "quiet" }, ...reasons));
        this.omitted.hidden = false;
        this.section.hidden = false;
    }
}
