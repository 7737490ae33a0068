/* Patterns of one layer in one precision. Stamped by patterns.c. */

static void F(place)(const struct ocelot_plan *plan, const struct ocelot_node *node, struct layer *layer, struct F(ocelot_node_weights) * to,
                     struct ocelot_arena *arena)
{
    const struct ocelot_footing footing = {.kernels = plan->kernels, .transpose = true};
    size_t bytes = node->op->PRECISION.prepared_bytes ? node->op->PRECISION.prepared_bytes(node, &footing) : 0;
    void *prepared = bytes ? ocelot_arena_take(arena, bytes, 1) : NULL;
    layer->PRECISION = ocelot_arena_take(arena, layer->count, sizeof *layer->PRECISION);
    if (!to)
        return;
    to->weights = layer->PRECISION;
    to->prepared = prepared;
}

/* A batch's part of the sums. The node's signal, which no walk needs now, holds what the inputs are multiplied with. */
static void F(add)(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t rows, const double *weights, struct layer *layer)
{
    const struct ocelot_node *node = plan->model->graph->nodes[i];
    const REAL *in[1] = {w->PRECISION.activation[node->inputs[0]]}, *out = w->PRECISION.activation[i];
    struct F(ocelot_call) call = {.node = node, .kernels = plan->kernels, .rows = rows, .in = in, .out = out, .scratch = w->PRECISION.scratch};
    size_t spread = node->size / layer->channels;
    REAL *s = w->PRECISION.signal[i];
    for (size_t n = 0; n < rows * node->size; n++) {
        bool counts = !layer->rectified || out[n] > 0;
        s[n] = counts ? (REAL)weights[n / node->size] * out[n] : 0;
        layer->y[n % node->size / spread] += (double)s[n];
    }
    node->op->PRECISION.correlate(&call, s, layer->xy);
    for (size_t n = 0; n < rows * node->size; n++) {
        bool counts = !layer->rectified || out[n] > 0;
        s[n] = counts ? (REAL)weights[n / node->size] : 0;
        layer->cases[n % node->size / spread] += (double)s[n];
    }
    node->op->PRECISION.correlate(&call, s, layer->x);
}

/* From sums to patterns, channel by channel; xy becomes the covariance. */
static void F(finish)(const struct ocelot_plan *plan, size_t i, struct layer *layer, bool attribution, struct F(ocelot_node_weights) * to)
{
    const struct ocelot_node *node = plan->model->graph->nodes[i];
    const REAL *own = plan->nodes[i].PRECISION.weights;
    size_t each = layer->count / layer->channels;
    /* what rounding leaves of a covariance that is zero, of the size of the products that it is a difference of */
    const double rounding = sizeof(REAL) < sizeof 1.0 ? 1e-5 : 1e-12;
    REAL *patterns = layer->PRECISION;
    for (size_t c = 0; c < layer->channels; c++) {
        double *xy = layer->xy + c * each, cases = layer->cases[c], variance = 0, size = 0;
        for (size_t n = 0; n < each; n++) {
            double product = cases > 0 ? layer->x[c * each + n] / cases * layer->y[c] / cases : 0, joint = cases > 0 ? xy[n] / cases : 0;
            xy[n] = joint - product;
            variance += (double)own[c * each + n] * xy[n];
            size += fabs((double)own[c * each + n]) * (fabs(joint) + fabs(product));
        }
        bool varies = fabs(variance) > rounding * size;
        for (size_t n = 0; n < each; n++) {
            double pattern = varies ? xy[n] / variance : 0;
            patterns[c * each + n] = (REAL)(attribution ? pattern * (double)own[c * each + n] : pattern);
        }
    }
    const struct ocelot_footing footing = {.kernels = plan->kernels, .transpose = true};
    if (to->prepared)
        node->op->PRECISION.prepare(node, &footing, to->weights, to->prepared);
}

static void F(release)(const struct ocelot_node *node, struct F(ocelot_node_weights) * weights)
{
    if (node->op->PRECISION.prepared_release && weights->prepared)
        node->op->PRECISION.prepared_release(weights->prepared);
}
