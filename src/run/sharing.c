#include "run/sharing.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "ops/ops.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
static void touchable(const void *at, size_t bytes, bool may)
{
    if (may)
        __asan_unpoison_memory_region(at, bytes);
    else
        __asan_poison_memory_region(at, bytes);
}
#else
static void touchable(const void *at, size_t bytes, bool may)
{
    (void)at;
    (void)bytes;
    (void)may;
}
#endif

/* Finding places takes the square of their number. */
enum { MOST_NODES = 4096 };

static void lengthen(struct ocelot_stay *stay, size_t from, size_t to)
{
    stay->from = from < stay->from ? from : stay->from;
    stay->to = to > stay->to ? to : stay->to;
}

/* Whether a node reads its inputs' activations on the way back, and its own: all rules and relevances the former, the latter those whose denominators
 * they are, or that tell outputs apart by their signs; totals of inputs are added up again. */
static bool reads_inputs(const struct ocelot_plan *plan, size_t i)
{
    return plan->nodes[i].rule.form || plan->model->graph->nodes[i]->op->f32.relevance;
}

static bool reads_own(const struct ocelot_plan *plan, size_t i)
{
    const struct ocelot_rule *rule = &plan->nodes[i].rule;
    const struct ocelot_node *node = plan->model->graph->nodes[i];
    const struct ocelot_op *op = node->op;
    if (ocelot_rule_divides(node, rule, plan->nodes[i].f32.parts.nonnegative))
        return false;
    bool reads = (!rule->form && op->f32.relevance) || plan->nodes[i].f32.parts.magnitudes.weights;
    for (size_t g = 0; rule->form && g < rule->form->groups; g++)
        reads |= rule->form->group[g].gate != 0 || !op->weights || ocelot_rule_keeps_weights(rule);
    return reads;
}

/* Whether no relevance comes to a node, which is never below zero, where it is zero: rules multiply by their inputs, and MaxPool gives to the largest
 * of a window. */
static bool vanishes(const struct ocelot_plan *plan, size_t i)
{
    const struct ocelot_graph *graph = plan->model->graph;
    bool all = i + 1 < graph->count;
    for (size_t n = i + 1; all && n < graph->count; n++)
        for (size_t k = 0; k < graph->nodes[n]->input_count; k++)
            if (graph->nodes[n]->inputs[k] == i)
                all &= plan->nodes[n].rule.form ? ocelot_rule_multiplies(&plan->nodes[n].rule)
                                                : graph->nodes[n]->op == &ocelot_op_max_pool && vanishes(plan, n);
    return all;
}

/* Whether nobody misses what a node was given: it alone reads that, and on the way back only signs and values above zero matter, which a ReLU keeps.
 */
static bool replaces(const struct ocelot_plan *plan, size_t i)
{
    const struct ocelot_node *node = plan->model->graph->nodes[i];
    if (!(node->op->traits & OCELOT_OP_IN_PLACE) || !plan->nodes[i].single || ocelot_graph_readers(plan->model->graph, node->inputs[0]) > 1)
        return false;
    const struct ocelot_node_plan *input = &plan->nodes[node->inputs[0]];
    bool missed =
        plan->backward && (reads_inputs(plan, i) || (reads_own(plan, node->inputs[0]) && !(node->op == &ocelot_op_relu && vanishes(plan, i))));
    return input->single && !input->in_f64 && !missed;
}

static void find_stays(struct ocelot_plan *plan)
{
    const struct ocelot_graph *graph = plan->model->graph;
    size_t last = 2 * graph->count - 1;
    for (size_t i = 0; i < graph->count; i++) {
        struct ocelot_node_plan *own = &plan->nodes[i];
        own->activation = (struct ocelot_stay){.from = i, .to = i};
        own->signal = (struct ocelot_stay){.from = last - i, .to = last - i};
        if (plan->backward && own->single && reads_own(plan, i))
            lengthen(&own->activation, i, last - i);
        for (size_t k = 0; k < graph->nodes[i]->input_count; k++) {
            struct ocelot_node_plan *input = &plan->nodes[graph->nodes[i]->inputs[k]];
            lengthen(&input->activation, i, plan->backward && own->single && reads_inputs(plan, i) ? last - i : i);
            lengthen(&input->signal, last - i, last - i);
        }
    }
    for (size_t i = graph->count; i-- > 0;) {
        struct ocelot_node_plan *own = &plan->nodes[i], *input = own->handed_on || own->in_place ? &plan->nodes[graph->nodes[i]->inputs[0]] : NULL;
        if (own->handed_on)
            lengthen(&input->signal, own->signal.from, own->signal.to);
        if (own->in_place)
            lengthen(&input->activation, own->activation.from, own->activation.to);
    }
}

static bool meet(const struct ocelot_stay *a, const struct ocelot_stay *b)
{
    return a->from <= b->to && b->from <= a->to;
}

/* Larger ones first, because they find places less easily. */
static int larger_first(const void *a, const void *b)
{
    const struct ocelot_stay *const *x = a, *const *y = b;
    if ((*x)->bytes != (*y)->bytes)
        return (*x)->bytes < (*y)->bytes ? 1 : -1;
    return ((*x)->from > (*y)->from) - ((*x)->from < (*y)->from);
}

/* The lowest place where `stay` meets none of those `placed` already, which stand in the order of their places; its number among them. */
static size_t settle(struct ocelot_stay *stay, struct ocelot_stay *const *placed, size_t count)
{
    size_t number = 0;
    stay->at = 0;
    for (size_t k = 0; k < count; k++) {
        const struct ocelot_stay *other = placed[k];
        if (other->at >= stay->at + stay->bytes)
            break;
        if (meet(stay, other) && other->at + other->bytes > stay->at)
            stay->at = other->at + other->bytes;
    }
    while (number < count && placed[number]->at <= stay->at)
        number++;
    return number;
}

/* The arrays that are there, with their sizes; SIZE_MAX where one is too large for sharing to matter: taking it will fail. */
static size_t list(struct ocelot_plan *plan, struct ocelot_stay **stays)
{
    const struct ocelot_graph *graph = plan->model->graph;
    size_t count = 0;
    for (size_t i = 0; i < graph->count; i++) {
        struct ocelot_node_plan *own = &plan->nodes[i];
        size_t bytes = 0;
        if (!own->in_f32)
            continue;
        if (!ocelot_size_multiply(graph->nodes[i]->size, plan->capacity * sizeof(float), &bytes) || bytes > SIZE_MAX / 4 / graph->count)
            return SIZE_MAX;
        bytes = (bytes + OCELOT_ARENA_ALIGNMENT - 1) / OCELOT_ARENA_ALIGNMENT * OCELOT_ARENA_ALIGNMENT;
        own->activation.bytes = own->signal.bytes = bytes;
        if (!own->in_place)
            stays[count++] = &own->activation;
        if (plan->backward && !own->handed_on)
            stays[count++] = &own->signal;
    }
    return count;
}

enum ocelot_status ocelot_plan_share(struct ocelot_plan *plan, struct ocelot_error *err)
{
    size_t nodes = plan->model->graph->count;
    plan->shared = 0;
    if (plan->gradients || nodes > MOST_NODES)
        return OCELOT_OK;
    struct ocelot_stay **stays = ocelot_allocate(4 * nodes, sizeof *stays), **placed = stays ? stays + 2 * nodes : NULL;
    if (!stays)
        return ocelot_fail_memory(err, "the plan");
    for (size_t i = 0; i < nodes; i++)
        plan->nodes[i].in_place = replaces(plan, i);
    find_stays(plan);
    size_t count = list(plan, stays);
    if (count != SIZE_MAX)
        qsort(stays, count, sizeof *stays, larger_first);
    for (size_t k = 0; count != SIZE_MAX && k < count; k++) {
        size_t number = settle(stays[k], placed, k), end = stays[k]->at + stays[k]->bytes;
        memmove(placed + number + 1, placed + number, (k - number) * sizeof(*placed));
        placed[number] = stays[k];
        plan->shared = end > plan->shared ? end : plan->shared;
    }
    free(stays);
    return OCELOT_OK;
}

bool ocelot_plan_shares(const struct ocelot_plan *plan)
{
    return plan->shared > 0 && plan->extra == 0;
}

static void allow(const struct ocelot_stay *stay, const float *at, size_t step)
{
    if (at && stay->from <= step && step <= stay->to)
        touchable(at, stay->bytes, true);
}

void ocelot_sharing_step(const struct ocelot_plan *plan, const struct ocelot_workspace *w, size_t step)
{
    if (!ocelot_plan_shares(plan) || !w->f32.shared)
        return;
    touchable(w->f32.shared, plan->shared, step == SIZE_MAX);
    for (size_t i = 0; step != SIZE_MAX && i < plan->model->graph->count; i++) {
        allow(&plan->nodes[i].activation, w->f32.activation[i], step);
        if (plan->backward && !plan->nodes[i].handed_on)
            allow(&plan->nodes[i].signal, w->f32.signal[i], step);
    }
}
