/* Files out of a hostile directory: see collect.h. */
#include "core/sandbox/collect.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/digest.h"
#include "core/base/fd.h"
#include "core/base/time.h"
#include "core/ipc/files.h"
#include "core/sandbox/beneath.h"

#define ENTRIES_MAX 65536
#define WORK_US     2000000 /* of search and of copy each; waiting for the next portion is none */
#define LIST_BYTES  4096
#define CHUNK_BYTES 65536

struct level {         /* a folder that is being read */
    int fd;            /* owned, but that of the first is the directory itself */
    size_t path_bytes; /* of what stands before its names in `path` */
    size_t n, at;
    _Alignas(struct dirent64) char list[LIST_BYTES];
};

enum state { SEARCH, COPY, DONE };

struct sg_collect {
    int dir; /* owned */
    struct sg_output_rules rules;
    struct sg_output_limits limits;
    enum state state;
    int64_t spent_us;
    /* the search */
    char path[SG_PATH_MAX + 1];
    size_t depth; /* levels in use */
    struct level levels[SG_PATH_DEPTH_MAX];
    uint32_t entries;
    struct sg_files_row *picks; /* owned; in the order of their names */
    uint32_t npicks;
    uint64_t omitted;
    uint32_t nomitted;
    bool full; /* a file is as large as the program may make one */
    struct sg_files_omitted named[SG_FILES_OMITTED_MAX];
    /* the copy: picks before nfiles have been copied, those before next looked at */
    uint32_t nfiles, next;
    struct sg_collect_sink sink;
    int out, file; /* owned; out: where our own sink writes to */
    uint64_t out_at, copied;
    uint64_t left; /* bytes that may still be given back */
    char chunk[CHUNK_BYTES];
};

static void omit(struct sg_collect *c, const char *path, enum sg_omission reason)
{
    c->omitted++;
    if (c->nomitted == SG_FILES_OMITTED_MAX)
        return;
    struct sg_files_omitted *o = &c->named[c->nomitted++];
    memset(o, 0, sizeof *o);
    memcpy(o->path, path, strlen(path));
    o->reason = reason;
}

static int write_memfd(void *arg, const void *data, size_t n, uint64_t at)
{
    struct sg_collect *c = arg;
    if (c->out < 0)
        c->out = sg_memfd_open("sandgate-files");
    if (c->out < 0)
        return c->out;
    ssize_t w = pwrite(c->out, data, n, (off_t)at);
    return w < 0 ? -errno : (size_t)w == n ? 0 : -EIO;
}

/* Reads until n bytes are there; fewer are a failure. */
static bool read_whole(int fd, char *to, size_t n)
{
    while (n > 0) {
        ssize_t got = read(fd, to, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        n -= (size_t)got;
    }
    return true;
}

static size_t next_chunk(uint64_t left)
{
    return left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
}

/* ---- the search ---- */

/* Is it as it was sent? What cannot be read is not. */
static bool is_unchanged(struct sg_collect *c, const struct sg_output_input *sent, uint64_t size)
{
    uint64_t digest = SG_DIGEST_START;
    if (sent->size != size)
        return false;
    sg_autofd int fd = sg_beneath_file(c->dir, c->path, size);
    if (fd < 0)
        return false;
    for (uint64_t left = size; left > 0;) {
        size_t n = next_chunk(left);
        if (!read_whole(fd, c->chunk, n))
            return false;
        digest = sg_digest(digest, c->chunk, n);
        left -= n;
    }
    return digest == sent->content;
}

/* Numbers in names count as numbers: plot-2 comes before plot-10. */
static bool comes_before(const char *a, const char *b)
{
    int order = strverscmp(a, b);
    return order ? order < 0 : strcmp(a, b) < 0;
}

/* Of more files than may be given back the first stay. */
static void keep(struct sg_collect *c, uint64_t size)
{
    uint32_t at = c->npicks;
    while (at > 0 && comes_before(c->path, c->picks[at - 1].path))
        at--;
    if (at == c->limits.files) {
        omit(c, c->path, SG_OMISSION_MANY);
        return;
    }
    if (c->npicks == c->limits.files)
        omit(c, c->picks[--c->npicks].path, SG_OMISSION_MANY);
    memmove(&c->picks[at + 1], &c->picks[at], (c->npicks - at) * sizeof *c->picks);
    c->npicks++;
    memset(&c->picks[at], 0, sizeof c->picks[at]);
    memcpy(c->picks[at].path, c->path, strlen(c->path));
    c->picks[at].size = size;
}

static void look_at_file(struct sg_collect *c, const struct level *l, const char *name)
{
    struct stat st;
    int r = fstatat(l->fd, name, &st, AT_SYMLINK_NOFOLLOW);
    if (r < 0 && errno == EACCES && fchmod(l->fd, 0700) == 0)
        r = fstatat(l->fd, name, &st, AT_SYMLINK_NOFOLLOW);
    if (r < 0) {
        omit(c, c->path, SG_OMISSION_UNREAD);
        return;
    }
    if (!S_ISREG(st.st_mode)) {
        omit(c, c->path, SG_OMISSION_SPECIAL);
        return;
    }
    const struct sg_output_input *sent = sg_output_input(&c->rules, c->path);
    if (sent && st.st_nlink == 1 && is_unchanged(c, sent, (uint64_t)st.st_size))
        return;
    if (c->rules.file_bytes > 0 && (uint64_t)st.st_size >= c->rules.file_bytes)
        c->full = true;
    if (st.st_nlink != 1)
        omit(c, c->path, SG_OMISSION_LINKED);
    else if ((uint64_t)st.st_size > c->limits.bytes)
        omit(c, c->path, SG_OMISSION_LARGE);
    else
        keep(c, (uint64_t)st.st_size);
}

static void enter_folder(struct sg_collect *c, const struct level *l, const char *name)
{
    size_t n = strlen(c->path);
    if (c->depth == SG_PATH_DEPTH_MAX || n == SG_PATH_MAX) {
        omit(c, c->path, SG_OMISSION_DEEP);
        return;
    }
    int fd = sg_beneath_folder(l->fd, name);
    if (fd < 0) {
        omit(c, c->path, SG_OMISSION_UNREAD);
        return;
    }
    struct level *below = &c->levels[c->depth++];
    below->fd = fd;
    below->n = below->at = 0;
    below->path_bytes = n + 1;
    c->path[n] = '/';
}

static void leave_folder(struct sg_collect *c)
{
    struct level *l = &c->levels[--c->depth];
    if (c->depth > 0)
        sg_fd_close(&l->fd);
}

static bool is_folder(const struct level *l, const struct dirent64 *d)
{
    struct stat st;
    if (d->d_type != DT_UNKNOWN)
        return d->d_type == DT_DIR;
    return fstatat(l->fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* What nobody asks for is not told as left out, either. */
static void look_at_entry(struct sg_collect *c, struct level *l, const struct dirent64 *d)
{
    size_t n = strlen(d->d_name), room = SG_PATH_MAX - l->path_bytes;
    bool fits = n <= room, folder = is_folder(l, d);
    memcpy(c->path + l->path_bytes, d->d_name, fits ? n : room);
    c->path[l->path_bytes + (fits ? n : room)] = '\0';
    if (fits &&
        !(folder ? sg_output_reaches(&c->rules, c->path) : sg_output_selects(&c->rules, c->path)))
        return;
    if (!fits || sg_path_check(c->path))
        omit(c, c->path, SG_OMISSION_NAME);
    else if (folder)
        enter_folder(c, l, d->d_name);
    else
        look_at_file(c, l, d->d_name);
}

static void begin_copy(struct sg_collect *c)
{
    c->state = COPY;
    c->left = c->limits.bytes;
    c->out_at = sg_files_data_at(c->npicks);
}

/* The folder in which it ends is told; what lies behind it in those above is not known. */
static void end_search(struct sg_collect *c)
{
    size_t n = c->levels[c->depth - 1].path_bytes;
    c->path[n > 0 ? n - 1 : 0] = '\0';
    omit(c, c->path, SG_OMISSION_UNSEEN);
    while (c->depth > 0)
        leave_folder(c);
    begin_copy(c);
}

static bool read_list(struct sg_collect *c, struct level *l)
{
    ssize_t n = getdents64(l->fd, l->list, sizeof l->list);
    l->at = 0;
    l->n = n > 0 ? (size_t)n : 0;
    if (n < 0) {
        c->path[l->path_bytes > 0 ? l->path_bytes - 1 : 0] = '\0';
        omit(c, c->path, SG_OMISSION_UNREAD);
    }
    return n > 0;
}

static void search_on(struct sg_collect *c)
{
    struct level *l = &c->levels[c->depth - 1];
    if (l->at == l->n && !read_list(c, l)) {
        leave_folder(c);
        if (c->depth == 0)
            begin_copy(c);
        return;
    }
    const struct dirent64 *d = (const void *)(l->list + l->at);
    l->at += d->d_reclen;
    if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
        return;
    if (c->entries++ == ENTRIES_MAX)
        end_search(c);
    else
        look_at_entry(c, l, d);
}

/* ---- the copy ---- */

static void begin_file(struct sg_collect *c)
{
    const struct sg_files_row *p = &c->picks[c->next];
    if (p->size > c->left) {
        omit(c, p->path, SG_OMISSION_LARGE);
        c->next++;
        return;
    }
    c->file = sg_beneath_file(c->dir, p->path, p->size);
    c->copied = 0;
    if (c->file >= 0)
        return;
    omit(c, p->path, SG_OMISSION_UNREAD);
    c->next++;
}

static void end_file(struct sg_collect *c, bool whole)
{
    const struct sg_files_row *p = &c->picks[c->next];
    if (whole) {
        c->out_at += p->size;
        c->left -= p->size;
        if (c->nfiles != c->next)
            c->picks[c->nfiles] = *p;
        c->nfiles++;
    } else {
        omit(c, p->path, SG_OMISSION_UNREAD);
    }
    sg_fd_close(&c->file);
    c->next++;
}

static void copy_on(struct sg_collect *c)
{
    if (c->file < 0) {
        if (c->next == c->npicks)
            c->state = DONE;
        else
            begin_file(c);
        return;
    }
    uint64_t size = c->picks[c->next].size;
    size_t n = next_chunk(size - c->copied);
    bool well = read_whole(c->file, c->chunk, n) &&
                (n == 0 || c->sink.write(c->sink.arg, c->chunk, n, c->out_at + c->copied) == 0);
    c->copied += n;
    if (!well || c->copied == size)
        end_file(c, well);
}

static void end_copy(struct sg_collect *c)
{
    sg_fd_close(&c->file);
    for (; c->next < c->npicks; c->next++)
        omit(c, c->picks[c->next].path, SG_OMISSION_UNSEEN);
    c->state = DONE;
}

/* ---- from outside ---- */

struct sg_collect *sg_collect_new(int dir, const struct sg_output_rules *rules,
                                  const struct sg_output_limits *limits)
{
    /* Not cleared: the lists and the chunk are most of it. */
    struct sg_collect *c = malloc(sizeof *c);
    struct sg_files_row *picks = malloc((size_t)(limits->files + 1) * sizeof *picks);
    if (!c || !picks) {
        free(c);
        free(picks);
        close(dir);
        return NULL;
    }
    c->dir = dir;
    c->rules = *rules;
    c->limits = *limits;
    c->state = SEARCH;
    c->spent_us = 0;
    c->depth = 1;
    c->levels[0].fd = dir;
    c->levels[0].path_bytes = c->levels[0].n = c->levels[0].at = 0;
    c->entries = c->npicks = c->nomitted = c->nfiles = c->next = 0;
    c->omitted = 0;
    c->full = false;
    c->picks = picks;
    c->out = c->file = -1;
    c->sink = (struct sg_collect_sink){write_memfd, c};
    c->out_at = 0;
    return c;
}

void sg_collect_into(struct sg_collect *c, const struct sg_collect_sink *sink)
{
    c->sink = *sink;
}

bool sg_collect_step(struct sg_collect *c, int64_t until_us)
{
    static const struct {
        void (*go_on)(struct sg_collect *c), (*give_up)(struct sg_collect *c);
    } states[DONE] = {[SEARCH] = {search_on, end_search}, [COPY] = {copy_on, end_copy}};
    int64_t now = sg_now_us();
    while (c->state != DONE && now < until_us) {
        int64_t began = now;
        enum state state = c->state;
        if (c->spent_us > WORK_US)
            states[state].give_up(c);
        else
            states[state].go_on(c);
        now = sg_now_us();
        c->spent_us = c->state == state ? c->spent_us + now - began : 0;
    }
    return c->state == DONE;
}

void sg_collect_search(struct sg_collect *c)
{
    while (c->state == SEARCH)
        search_on(c);
}

static int put_at(struct sg_collect *c, const void *data, size_t n, uint64_t *at)
{
    int r = n == 0 ? 0 : c->sink.write(c->sink.arg, data, n, *at);
    *at += n;
    return r;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct sg_files_omitted *)a)->path,
                  ((const struct sg_files_omitted *)b)->path);
}

int sg_collect_finish(struct sg_collect *c, uint64_t *ret_size)
{
    const struct sg_files_head head = {.magic = SG_FILES_MAGIC,
                                       .nfiles = c->nfiles,
                                       .nomitted = c->nomitted,
                                       .full = c->full,
                                       .omitted = c->omitted,
                                       .data_at = sg_files_data_at(c->npicks)};
    uint64_t at = 0;
    *ret_size = 0;
    if (c->nfiles == 0 && c->omitted == 0)
        return 0;
    qsort(c->named, c->nomitted, sizeof *c->named, by_path);
    int r = put_at(c, &head, sizeof head, &at);
    if (r == 0)
        r = put_at(c, c->picks, c->nfiles * sizeof *c->picks, &at);
    if (r == 0)
        r = put_at(c, c->named, c->nomitted * sizeof *c->named, &at);
    if (r == 0)
        *ret_size = c->out_at;
    return r;
}

int sg_collect_take(struct sg_collect *c, int *ret_fd)
{
    uint64_t size;
    *ret_fd = -1;
    int r = sg_collect_finish(c, &size);
    if (r < 0 || size == 0)
        return r;
    r = ftruncate(c->out, (off_t)size) < 0 ? -errno : sg_memfd_seal(c->out);
    if (r == 0)
        *ret_fd = SG_TAKE_FD(c->out);
    return r;
}

void sg_collect_free(struct sg_collect *c)
{
    if (!c)
        return;
    while (c->depth > 0)
        leave_folder(c);
    sg_fd_close(&c->file);
    sg_fd_close(&c->out);
    sg_fd_close(&c->dir);
    free(c->picks);
    free(c);
}
