// What a stream has brought, to be saved: its first bytes, in blocks, so that a program which writes byte by byte costs no more
// than one that does not.
//
//     const saved = new Saved(16 * 1024 * 1024);
//     saved.add(bytes);
//     saved.received, saved.parts()              all that came, and what was kept of it: parts of a Blob
const BLOCK = 64 * 1024;

export class Saved {
    constructor(most) {
        this.most = most;
        this.received = 0;
        this.kept = 0;
        this.full = [];
        this.block = new Uint8Array(0);
        this.used = 0;
    }

    add(bytes) {
        this.received += bytes.length;
        let rest = bytes.subarray(0, this.most - this.kept);
        this.kept += rest.length;
        while (rest.length > 0) {
            if (this.used === this.block.length) {
                this.begin();
            }
            const part = rest.subarray(0, this.block.length - this.used);
            this.block.set(part, this.used);
            this.used += part.length;
            rest = rest.subarray(part.length);
        }
    }

    begin() {
        if (this.used > 0) {
            this.full.push(this.block);
        }
        this.block = new Uint8Array(BLOCK);
        this.used = 0;
    }

    parts() {
        return [...this.full, this.block.subarray(0, this.used)];
    }
}
