/* comprehension.c: [chr(c) for c in [101, 118]]: see analysis.h */
#include "core/validate/analysis.h"
#include "core/validate/fold.h"
#include "core/validate/language.h"

/* Of the nodes of a subtree nothing is known any more. */
static void forget(struct sg_analysis *a, uint32_t node)
{
    uint32_t end = a->tree.nodes[node].end;
    for (uint32_t i = node; i < a->tree.count && a->tree.nodes[i].start < end; i++)
        if (a->state[i] == 2)
            a->state[i] = 0;
}

const struct sg_value *sg_eval_comprehension(struct sg_analysis *a, uint32_t node)
{
    uint32_t body = sg_node_field(a, node, SG_FIELD_BODY);
    uint32_t clause = sg_tree_child(&a->tree, node, 1);
    uint32_t left = sg_node_field(a, clause, SG_FIELD_LEFT);
    if (a->assuming || body == SG_NO_NODE || left == SG_NO_NODE ||
        sg_tree_child(&a->tree, node, 2) != SG_NO_NODE || a->tree.nodes[left].role != SG_ROLE_NAME)
        return NULL;
    const char *name = sg_node_name(a, left);
    const struct sg_value *over = sg_eval(a, sg_node_field(a, clause, SG_FIELD_RIGHT));
    const struct sg_value *text = sg_value_first(over, SG_VALUE_TEXT);
    const struct sg_value *list =
        text ? sg_fold_split(a, text, NULL) : sg_value_first(over, SG_VALUE_LIST);
    struct sg_value *ret = list ? sg_value_new(a, SG_VALUE_LIST) : NULL;
    const struct sg_item **end = ret ? &ret->items : NULL;
    a->assuming = true;
    for (const struct sg_item *i = ret ? list->items : NULL; i && ret; i = i->next) {
        struct sg_item *item = sg_arena_take(&a->arena, sizeof *item);
        if (!item || !i->values || !sg_analysis_work(a, 1) ||
            !sg_name_assume(a, node, name, i->values)) {
            ret = NULL;
            break;
        }
        forget(a, body);
        item->values = sg_eval(a, body);
        *end = item;
        end = &item->next;
    }
    a->assuming = false;
    if (name)
        sg_name_assume(a, node, name, NULL);
    forget(a, body);
    return ret;
}
