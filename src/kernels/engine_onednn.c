/* Convolutions by oneDNN. It is fast in layouts of its own only, so rows are reordered on the way in and out; in plain ones it silently falls back
 * to code that is no faster than ours, or a hundred times slower. */
#include <oneapi/dnnl/dnnl.h>
#include <stdint.h>
#include <string.h>

#include "kernels/engine.h"
#include "ocelot/status.h"

/* oneDNN's threads are OpenMP's, and how many there are decides layouts and sizes. Rows are shared out between threads of our own, so it gets one:
 * whatever the environment says, what was measured fits what is run, and no bit depends on it. */
void omp_set_num_threads(int count);
int omp_get_max_threads(void);

enum { ALIGNMENT = 64, NUMBERS = ALIGNMENT / sizeof(float) };

/* One direction: what to run, and the layouts at both ends and of the weights. */
struct way {
    dnnl_primitive_desc_t description;                   /* while it is being prepared */
    dnnl_memory_desc_t from_ours, to_ours, weights_ours; /* as they stand with us */
    dnnl_memory_desc_t from, to, weights, bias, pad;     /* as it wants them */
};

/* A way that is ready to run: primitives are immutable, and memory is bound at each call. */
struct ready {
    struct way way;
    dnnl_primitive_t before, convolve, after;
    size_t weights_at, zeros_at; /* bytes from the start of what is prepared; a bias of zeros */
    bool works;
};

struct prepared {
    dnnl_engine_t engine;
    struct ready forward, transpose;
};

const char *ocelot_engine(void)
{
#define TEXT(number) #number
#define VERSION(major, minor, patch) "oneDNN " TEXT(major) "." TEXT(minor) "." TEXT(patch)
    return VERSION(DNNL_VERSION_MAJOR, DNNL_VERSION_MINOR, DNNL_VERSION_PATCH);
#undef TEXT
#undef VERSION
}

/* Matrix products do these as well in plain activations: kernels of 1x1. Backwards to very few channels most of its vectors would be empty. */
static bool takes(const struct ocelot_convolution *c, bool transpose)
{
    bool pointwise = c->kernel[0] * c->kernel[1] == 1 && c->groups == 1 && c->in_block <= 1 && c->out_block <= 1;
    return !pointwise && !(transpose && c->groups == 1 && c->inputs < NUMBERS / 2);
}

static dnnl_memory_desc_t tensor(int rank, const dnnl_dims_t dims, dnnl_format_tag_t tag, bool *fine)
{
    dnnl_memory_desc_t memory;
    memset(&memory, 0, sizeof memory);
    *fine &= dnnl_memory_desc_init_by_tag(&memory, rank, dims, dnnl_f32, tag) == dnnl_success;
    return memory;
}

static bool in_blocks(size_t block)
{
    return block > 1;
}

static dnnl_format_tag_t tag_of(size_t block)
{
    return block == 16 ? dnnl_nChw16c : block == 8 ? dnnl_nChw8c : dnnl_nchw;
}

bool ocelot_engine_blocks(void)
{
    return true;
}

struct steps {
    dnnl_dims_t stride, dilation, before, after;
};

static struct steps steps_of(const struct ocelot_convolution *c)
{
    struct steps s = {{0}, {0}, {0}, {0}};
    for (int d = 0; d < 2; d++) {
        size_t reach = (c->out[d] - 1) * c->stride[d] + (c->kernel[d] - 1) * c->dilation[d] + 1, inner = c->in[d] + c->pad[d];
        s.stride[d] = (int64_t)c->stride[d];
        s.dilation[d] = (int64_t)c->dilation[d] - 1;
        s.before[d] = (int64_t)c->pad[d];
        s.after[d] = reach > inner ? (int64_t)(reach - inner) : 0;
    }
    return s;
}

/* The description of one direction, or NULL. Layouts of plain ends and of the weights are oneDNN's to choose; blocks it takes as they are. */
static dnnl_primitive_desc_t choose(const struct ocelot_convolution *c, bool transpose, dnnl_engine_t engine, struct way *way, bool *fine)
{
    int64_t g = (int64_t)c->groups, i = (int64_t)c->inputs, o = (int64_t)c->outputs, v = (int64_t)c->kernel[0], u = (int64_t)c->kernel[1];
    const dnnl_dims_t in = {1, g * i, (int64_t)c->in[0], (int64_t)c->in[1]}, out = {1, g * o, (int64_t)c->out[0], (int64_t)c->out[1]};
    const dnnl_dims_t biases = {g * o}, whole = {o, i, v, u}, parts = {g, o, i, v, u};
    struct steps s = steps_of(c);
    int rank = g > 1 ? 5 : 4;
    dnnl_memory_desc_t in_any = tensor(4, in, in_blocks(c->in_block) ? tag_of(c->in_block) : dnnl_format_tag_any, fine);
    dnnl_memory_desc_t out_any = tensor(4, out, in_blocks(c->out_block) ? tag_of(c->out_block) : dnnl_format_tag_any, fine);
    dnnl_memory_desc_t any = tensor(rank, g > 1 ? parts : whole, dnnl_format_tag_any, fine);
    way->weights_ours = tensor(rank, g > 1 ? parts : whole, g > 1 ? dnnl_goihw : dnnl_oihw, fine);
    way->from_ours = tensor(4, transpose ? out : in, tag_of(transpose ? c->out_block : c->in_block), fine);
    way->to_ours = tensor(4, transpose ? in : out, tag_of(transpose ? c->in_block : c->out_block), fine);
    way->bias = tensor(1, biases, dnnl_x, fine);
    dnnl_convolution_desc_t forward, backward;
    dnnl_primitive_desc_t description = NULL, hint = NULL;
    dnnl_primitive_attr_t attributes = NULL;
    *fine = *fine && dnnl_primitive_attr_create(&attributes) == dnnl_success &&
            dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user) == dnnl_success &&
            dnnl_dilated_convolution_forward_desc_init(&forward, transpose ? dnnl_forward_training : dnnl_forward_inference, dnnl_convolution_direct,
                                                       &in_any, &any, transpose ? NULL : &way->bias, &out_any, s.stride, s.dilation, s.before,
                                                       s.after) == dnnl_success &&
            dnnl_primitive_desc_create(transpose ? &hint : &description, &forward, attributes, engine, NULL) == dnnl_success;
    if (*fine && transpose)
        *fine = dnnl_dilated_convolution_backward_data_desc_init(&backward, dnnl_convolution_direct, &in_any, &any, &out_any, s.stride, s.dilation,
                                                                 s.before, s.after) == dnnl_success &&
                dnnl_primitive_desc_create(&description, &backward, attributes, engine, hint) == dnnl_success;
    if (hint)
        dnnl_primitive_desc_destroy(hint);
    if (attributes)
        dnnl_primitive_attr_destroy(attributes);
    return description;
}

static const char *implementation(dnnl_primitive_desc_t description)
{
    const char *name = NULL;
    return dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, (void *)&name) == dnnl_success && name ? name : "";
}

static bool layout(dnnl_primitive_desc_t description, dnnl_query_t what, dnnl_memory_desc_t *out)
{
    const dnnl_memory_desc_t *memory = dnnl_primitive_desc_query_md(description, what, 0);
    if (memory)
        *out = *memory;
    return memory != NULL;
}

/* Describes one direction; false where oneDNN is not asked, or has nothing better than plain loops (ref) or the matrix products that
 * convolution.h does as well (gemm). */
static bool open_way(const struct ocelot_convolution *c, bool transpose, dnnl_engine_t engine, struct way *way)
{
    bool fine = true;
    memset(way, 0, sizeof *way);
    if (!takes(c, transpose))
        return false;
    way->description = choose(c, transpose, engine, way, &fine);
    return fine && !strstr(implementation(way->description), "ref") && !strstr(implementation(way->description), "gemm:") &&
           layout(way->description, transpose ? dnnl_query_diff_dst_md : dnnl_query_src_md, &way->from) &&
           layout(way->description, transpose ? dnnl_query_diff_src_md : dnnl_query_dst_md, &way->to) &&
           layout(way->description, dnnl_query_weights_md, &way->weights) && layout(way->description, dnnl_query_scratchpad_md, &way->pad);
}

static void close_way(struct way *way)
{
    if (way->description)
        dnnl_primitive_desc_destroy(way->description);
    way->description = NULL;
}

static size_t aligned(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t size_of(const dnnl_memory_desc_t *memory)
{
    return aligned(dnnl_memory_desc_get_size(memory));
}

/* Both directions described, on one thread. */
struct plan {
    dnnl_engine_t engine;
    struct way forward, transpose;
    bool forward_works, transpose_works;
    int threads; /* the caller's */
};

static struct plan open_plan(const struct ocelot_convolution *c, unsigned ways)
{
    struct plan plan = {.threads = omp_get_max_threads()};
    omp_set_num_threads(1);
    if (dnnl_engine_create(&plan.engine, dnnl_cpu, 0) != dnnl_success)
        plan.engine = NULL;
    if (plan.engine) {
        plan.forward_works = (ways & OCELOT_ENGINE_FORWARD) && open_way(c, false, plan.engine, &plan.forward);
        plan.transpose_works = (ways & OCELOT_ENGINE_TRANSPOSE) && open_way(c, true, plan.engine, &plan.transpose);
    }
    return plan;
}

/* The engine stays: it may have been handed on. */
static void close_plan(struct plan *plan)
{
    close_way(&plan->forward);
    close_way(&plan->transpose);
    omp_set_num_threads(plan->threads);
}

static void drop_engine(dnnl_engine_t engine)
{
    if (engine)
        dnnl_engine_destroy(engine);
}

size_t ocelot_engine_bytes(const struct ocelot_convolution *c, unsigned ways)
{
    struct plan plan = open_plan(c, ways);
    size_t bytes = plan.forward_works || plan.transpose_works ? aligned(sizeof(struct prepared)) : 0;
    bytes += plan.forward_works ? size_of(&plan.forward.weights) + size_of(&plan.forward.bias) : 0;
    bytes += plan.transpose_works ? size_of(&plan.transpose.weights) : 0;
    close_plan(&plan);
    drop_engine(plan.engine);
    return bytes;
}

const char *ocelot_engine_implementation(const struct ocelot_convolution *c, bool transpose)
{
    struct plan plan = open_plan(c, transpose ? OCELOT_ENGINE_TRANSPOSE : OCELOT_ENGINE_FORWARD);
    const char *name = !(transpose ? plan.transpose_works : plan.forward_works)
                           ? ""
                           : implementation(transpose ? plan.transpose.description : plan.forward.description);
    close_plan(&plan);
    drop_engine(plan.engine);
    return name; /* of static storage */
}

/* Both ends reordered, and what oneDNN scribbles on. */
static size_t way_numbers(const struct way *way)
{
    return (size_of(&way->from) + size_of(&way->to) + size_of(&way->pad)) / sizeof(float) + NUMBERS;
}

size_t ocelot_engine_scratch(const struct ocelot_convolution *c, unsigned ways)
{
    struct plan plan = open_plan(c, ways);
    size_t forward = plan.forward_works ? way_numbers(&plan.forward) : 0, transpose = plan.transpose_works ? way_numbers(&plan.transpose) : 0;
    close_plan(&plan);
    drop_engine(plan.engine);
    return forward > transpose ? forward : transpose;
}

static bool same(const dnnl_memory_desc_t *a, const dnnl_memory_desc_t *b)
{
    return dnnl_memory_desc_equal(a, b) != 0;
}

static bool reorder(dnnl_engine_t engine, const dnnl_memory_desc_t *from, const dnnl_memory_desc_t *to, dnnl_primitive_t *out)
{
    dnnl_primitive_desc_t description = NULL;
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_memory_desc_t pad;
    /* memory of its own would be shared between threads: one that wants any is not taken */
    bool fine = dnnl_primitive_attr_create(&attributes) == dnnl_success &&
                dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user) == dnnl_success &&
                dnnl_reorder_primitive_desc_create(&description, from, engine, to, engine, attributes) == dnnl_success &&
                layout(description, dnnl_query_scratchpad_md, &pad) && dnnl_memory_desc_get_size(&pad) == 0 &&
                dnnl_primitive_create(out, description) == dnnl_success;
    if (attributes)
        dnnl_primitive_attr_destroy(attributes);
    if (description)
        dnnl_primitive_desc_destroy(description);
    return fine;
}

/* One argument of a run. */
struct operand {
    int role;
    const dnnl_memory_desc_t *layout;
    void *values;
};

/* Binds memory, runs, and gives back what was bound. */
static bool run(dnnl_engine_t engine, dnnl_primitive_t primitive, const struct operand *operands, int count)
{
    dnnl_exec_arg_t arguments[5];
    dnnl_stream_t stream = NULL;
    int bound = 0;
    bool fine = dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) == dnnl_success;
    while (fine && bound < count) {
        arguments[bound].arg = operands[bound].role;
        fine = dnnl_memory_create(&arguments[bound].memory, operands[bound].layout, engine, operands[bound].values) == dnnl_success;
        bound += fine;
    }
    fine = fine && dnnl_primitive_execute(primitive, stream, bound, arguments) == dnnl_success && dnnl_stream_wait(stream) == dnnl_success;
    while (bound > 0)
        dnnl_memory_destroy(arguments[--bound].memory);
    if (stream)
        dnnl_stream_destroy(stream);
    return fine;
}

/* oneDNN takes pointers that it only reads without const. */
static void *writable(const void *values)
{
    union {
        const void *read;
        void *write;
    } u = {.read = values};
    return u.write;
}

static void prepare_way(dnnl_engine_t engine, const float *weights, unsigned char *base, size_t *at, const struct way *way, struct ready *ready)
{
    dnnl_primitive_t order = NULL;
    ready->way = *way;
    ready->way.description = NULL;
    ready->weights_at = *at;
    ready->zeros_at = *at += size_of(&way->weights);
    const struct operand operands[2] = {{DNNL_ARG_FROM, &way->weights_ours, writable(weights)},
                                        {DNNL_ARG_TO, &way->weights, base + ready->weights_at}};
    ready->works = reorder(engine, &way->weights_ours, &way->weights, &order) && run(engine, order, operands, 2) &&
                   (same(&way->from_ours, &way->from) || reorder(engine, &way->from_ours, &way->from, &ready->before)) &&
                   (same(&way->to, &way->to_ours) || reorder(engine, &way->to, &way->to_ours, &ready->after)) &&
                   dnnl_primitive_create(&ready->convolve, way->description) == dnnl_success;
    if (order)
        dnnl_primitive_destroy(order);
}

/* Weights of fewer input channels than stand beside one another. */
static void spread(const struct ocelot_convolution *c, size_t inputs, dnnl_memory_desc_t *weights)
{
    int64_t row = (int64_t)c->kernel[1], filter = (int64_t)c->kernel[0] * row;
    const dnnl_dims_t dims = {(int64_t)c->outputs, (int64_t)c->inputs, (int64_t)c->kernel[0], row},
                      strides = {(int64_t)inputs * filter, filter, row, 1};
    if (c->groups == 1)
        (void)dnnl_memory_desc_init_by_strides(weights, 4, dims, dnnl_f32, strides);
}

void ocelot_engine_prepare(const struct ocelot_convolution *c, unsigned ways, const float *weights, size_t inputs, void *memory)
{
    struct prepared *prepared = memory;
    size_t at = aligned(sizeof *prepared);
    struct plan plan = open_plan(c, ways);
    spread(c, inputs, &plan.forward.weights_ours);
    spread(c, inputs, &plan.transpose.weights_ours);
    memset(prepared, 0, sizeof *prepared);
    prepared->engine = plan.engine;
    if (plan.forward_works)
        prepare_way(plan.engine, weights, memory, &at, &plan.forward, &prepared->forward);
    if (plan.forward_works) {
        memset((unsigned char *)memory + at, 0, size_of(&plan.forward.bias));
        at += size_of(&plan.forward.bias);
    }
    if (plan.transpose_works)
        prepare_way(plan.engine, weights, memory, &at, &plan.transpose, &prepared->transpose);
    close_plan(&plan);
}

static void release_way(struct ready *ready)
{
    dnnl_primitive_t primitives[3] = {ready->before, ready->convolve, ready->after};
    for (int k = 0; k < 3; k++)
        if (primitives[k])
            dnnl_primitive_destroy(primitives[k]);
}

void ocelot_engine_release(void *memory)
{
    struct prepared *prepared = memory;
    if (!prepared)
        return;
    release_way(&prepared->forward);
    release_way(&prepared->transpose);
    drop_engine(prepared->engine);
    memset(prepared, 0, sizeof *prepared);
}

static bool run_way(const struct prepared *prepared, const struct ready *ready, bool transpose, const float *bias, const float *in, float *scratch,
                    float *out)
{
    const struct way *way = &ready->way;
    if (!ready->works)
        return false;
    unsigned char *base = (unsigned char *)scratch, *memory = writable(prepared);
    base += (ALIGNMENT - (uintptr_t)base % ALIGNMENT) % ALIGNMENT;
    unsigned char *room = base + size_of(&way->from), *pad = room + size_of(&way->to);
    void *from = ready->before ? base : writable(in), *to = ready->after ? (void *)room : out;
    const struct operand enter[2] = {{DNNL_ARG_FROM, &way->from_ours, writable(in)}, {DNNL_ARG_TO, &way->from, from}};
    const struct operand convolve[5] = {{transpose ? DNNL_ARG_DIFF_DST : DNNL_ARG_SRC, &way->from, from},
                                        {DNNL_ARG_WEIGHTS, &way->weights, memory + ready->weights_at},
                                        {transpose ? DNNL_ARG_DIFF_SRC : DNNL_ARG_DST, &way->to, to},
                                        {DNNL_ARG_SCRATCHPAD, &way->pad, pad},
                                        {DNNL_ARG_BIAS, &way->bias, bias ? writable(bias) : memory + ready->zeros_at}};
    const struct operand leave[2] = {{DNNL_ARG_FROM, &way->to, to}, {DNNL_ARG_TO, &way->to_ours, out}};
    int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    bool fine = (!ready->before || run(prepared->engine, ready->before, enter, 2)) &&
                run(prepared->engine, ready->convolve, convolve, transpose ? 4 : 5) &&
                (!ready->after || run(prepared->engine, ready->after, leave, 2));
    omp_set_num_threads(threads);
    return fine;
}

bool ocelot_engine_forward(const struct ocelot_convolution *c, const void *prepared, const float *bias, const float *in, float *scratch, float *out)
{
    const struct prepared *p = prepared;
    (void)c;
    return p && run_way(p, &p->forward, false, bias, in, scratch, out);
}

bool ocelot_engine_transpose(const struct ocelot_convolution *c, const void *prepared, const float *s, float *scratch, float *back)
{
    const struct prepared *p = prepared;
    (void)c;
    return p && run_way(p, &p->transpose, true, NULL, s, scratch, back);
}
