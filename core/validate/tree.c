/* tree.c: see tree.h */
#include "core/validate/tree.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/validate/language.h"

uint64_t sg_tree_cpu_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static bool is_late(TSParseState *state)
{
    const struct sg_tree *t = state->payload;
    return sg_tree_cpu_us() >= t->until_us;
}

struct input {
    const char *text;
    size_t n;
};

static const char *read_rest(void *payload, uint32_t offset, TSPoint position, uint32_t *ret_n)
{
    const struct input *in = payload;
    (void)position;
    *ret_n = offset < in->n ? (uint32_t)(in->n - offset) : 0;
    return offset < in->n ? in->text + offset : "";
}

static int breach(struct sg_breach *ret, enum sg_bound bound, uint64_t value, uint64_t max)
{
    *ret = (struct sg_breach){bound, value, max};
    return -1;
}

static TSTree *parse(struct sg_tree *t, const struct sg_bounds *bounds,
                     struct sg_breach *ret_breach)
{
    struct input in = {t->text, t->n};
    TSInput input = {.payload = &in, .read = read_rest, .encoding = TSInputEncodingUTF8};
    TSParseOptions options = {.payload = t, .progress_callback = is_late};
    TSParser *parser = ts_parser_new();
    TSTree *tree = NULL;
    if (parser && ts_parser_set_language(parser, t->language->grammar()))
        tree = ts_parser_parse_with_options(parser, NULL, input, options);
    if (!tree)
        breach(ret_breach, parser ? SG_BOUND_TIME : SG_BOUND_MEMORY, bounds->parse_ms,
               bounds->parse_ms);
    ts_parser_delete(parser);
    return tree;
}

/* Appends the cursor's node; its index, or SG_NO_NODE without memory. */
static uint32_t append(struct sg_tree *t, TSTreeCursor *cursor, TSNode n, uint32_t parent,
                       uint32_t before)
{
    if (t->count == t->size) {
        uint32_t size = t->size ? 2 * t->size : 256;
        struct sg_node *more = realloc(t->nodes, size * sizeof *more);
        if (!more)
            return SG_NO_NODE;
        t->nodes = more;
        t->size = size;
    }
    uint32_t i = t->count++;
    struct sg_node *node = &t->nodes[i];
    *node = (struct sg_node){
        .kind = ts_node_symbol(n),
        .field = ts_tree_cursor_current_field_id(cursor),
        .start = ts_node_start_byte(n),
        .end = ts_node_end_byte(n),
        .parent = parent,
        .first = SG_NO_NODE,
        .next = SG_NO_NODE,
    };
    node->role = sg_language_role(t->language, node->kind);
    node->flags = (uint8_t)((ts_node_is_named(n) ? SG_NODE_NAMED : 0) |
                            (ts_node_is_missing(n) ? SG_NODE_MISSING : 0) |
                            (ts_node_is_error(n) ? SG_NODE_ERROR : 0));
    if (node->flags & (SG_NODE_ERROR | SG_NODE_MISSING) && t->first_error == SG_NO_NODE)
        t->first_error = i;
    if (before != SG_NO_NODE)
        t->nodes[before].next = i;
    else if (parent != SG_NO_NODE)
        t->nodes[parent].first = i;
    return i;
}

/* Keeps tree-sitter's node. False: no memory. */
static bool keep_wanted(struct sg_tree *t, TSNode n)
{
    if (t->nwanted == t->wanted_size) {
        uint32_t size = t->wanted_size ? 2 * t->wanted_size : 64;
        TSNode *more = realloc(t->wanted, size * sizeof *more);
        if (!more)
            return false;
        t->wanted = more;
        t->wanted_size = size;
    }
    t->wanted[t->nwanted++] = n;
    return true;
}

struct level {
    uint32_t node;   /* parent of what stands on this level */
    uint32_t before; /* the last one on it that was kept */
};

static int flatten(struct sg_tree *t, TSTreeCursor *cursor, struct level *levels,
                   const struct sg_bounds *bounds, const bool *wanted, struct sg_breach *ret_breach)
{
    uint64_t depth = 0;
    levels[0] = (struct level){SG_NO_NODE, SG_NO_NODE};
    for (;;) {
        TSNode n = ts_tree_cursor_current_node(cursor);
        struct level *l = &levels[depth];
        uint32_t at = l->node;
        if (ts_node_is_named(n) || ts_node_is_missing(n) ||
            ts_tree_cursor_current_field_id(cursor)) {
            if (t->count >= bounds->nodes)
                return breach(ret_breach, SG_BOUND_NODES, t->count + 1, bounds->nodes);
            at = append(t, cursor, n, l->node, l->before);
            uint16_t kind = ts_node_symbol(n);
            if (at == SG_NO_NODE ||
                (wanted && kind < SG_KINDS_MAX && wanted[kind] && !keep_wanted(t, n)))
                return breach(ret_breach, SG_BOUND_MEMORY, 0, 0);
            l->before = at;
        }
        if (at != l->node && ts_tree_cursor_goto_first_child(cursor)) {
            if (++depth >= bounds->depth)
                return breach(ret_breach, SG_BOUND_DEPTH, depth, bounds->depth);
            levels[depth] = (struct level){at, SG_NO_NODE};
            continue;
        }
        while (!ts_tree_cursor_goto_next_sibling(cursor)) {
            if (depth == 0)
                return 0;
            depth--;
            ts_tree_cursor_goto_parent(cursor);
        }
    }
}

int sg_tree_parse(struct sg_tree *ret, const struct sg_language *language, const char *text,
                  size_t n, const struct sg_bounds *bounds, const bool *wanted,
                  struct sg_breach *ret_breach)
{
    *ret = (struct sg_tree){.language = language,
                            .text = text,
                            .n = n,
                            .first_error = SG_NO_NODE,
                            .until_us = sg_tree_cpu_us() + bounds->parse_ms * 1000};
    if (n > bounds->source_bytes)
        return breach(ret_breach, SG_BOUND_SOURCE, n, bounds->source_bytes);
    ret->ts = parse(ret, bounds, ret_breach);
    if (!ret->ts)
        return -1;
    struct level *levels = calloc(bounds->depth + 1, sizeof *levels);
    TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(ret->ts));
    int rc = levels ? flatten(ret, &cursor, levels, bounds, wanted, ret_breach)
                    : breach(ret_breach, SG_BOUND_MEMORY, 0, 0);
    ts_tree_cursor_delete(&cursor);
    free(levels);
    if (rc < 0)
        sg_tree_done(ret);
    return rc;
}

void sg_tree_done(struct sg_tree *t)
{
    if (t->ts)
        ts_tree_delete(t->ts);
    free(t->nodes);
    free(t->wanted);
    *t = (struct sg_tree){.first_error = SG_NO_NODE};
}

uint32_t sg_tree_field(const struct sg_tree *t, uint32_t node, unsigned field)
{
    if (node == SG_NO_NODE || field == 0)
        return SG_NO_NODE;
    uint32_t c = t->nodes[node].first;
    while (c != SG_NO_NODE && t->nodes[c].field != field)
        c = t->nodes[c].next;
    return c;
}

uint32_t sg_tree_child(const struct sg_tree *t, uint32_t node, unsigned i)
{
    if (node == SG_NO_NODE)
        return SG_NO_NODE;
    uint32_t c = t->nodes[node].first;
    for (; c != SG_NO_NODE; c = t->nodes[c].next) {
        bool counts = (t->nodes[c].flags & SG_NODE_NAMED) && t->nodes[c].role != SG_ROLE_COMMENT;
        if (counts && i-- == 0)
            return c;
    }
    return c;
}

bool sg_tree_is(const struct sg_tree *t, uint32_t node, const char *kind)
{
    return node != SG_NO_NODE &&
           strcmp(ts_language_symbol_name(t->language->grammar(), t->nodes[node].kind), kind) == 0;
}

uint32_t sg_tree_find(const struct sg_tree *t, TSNode node)
{
    uint32_t start = ts_node_start_byte(node), end = ts_node_end_byte(node), low = 0,
             high = t->count;
    while (low < high) { /* the first that begins there */
        uint32_t mid = low + (high - low) / 2;
        if (t->nodes[mid].start < start)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < t->count && t->nodes[low].start == start; low++)
        if (t->nodes[low].end == end && t->nodes[low].kind == ts_node_symbol(node))
            return low;
    return SG_NO_NODE;
}
