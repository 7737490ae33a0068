/* Convolution in one precision. Stamped by convolution.c. */
#define MATRIX_NAME(suffix) ocelot_matrix_part_##suffix
#define MATRIX_OF(suffix) MATRIX_NAME(suffix)

/* One tap of one channel, laid out: to [tile]. */
static void F(lay_tap)(const struct ocelot_convolution *c, const struct tile *t, size_t v, size_t u, const REAL *in, REAL *to)
{
    struct seen across = see(c, 1, u, t->left, t->right);
    size_t width = t->right - t->left;
    for (size_t y = t->top; y < t->bottom; y++, to += width) {
        struct seen down = see(c, 0, v, y, y + 1);
        if (down.begin == down.end || across.begin == across.end) {
            memset(to, 0, width * sizeof *to);
            continue;
        }
        const REAL *from = in + down.at * c->in[1] + across.at;
        size_t head = across.begin - t->left, length = across.end - across.begin, stride = c->stride[1];
        memset(to, 0, head * sizeof *to);
        if (stride == 1)
            memcpy(to + head, from, length * sizeof *to);
        else
            for (size_t x = 0; x < length; x++)
                to[head + x] = from[x * stride];
        memset(to + head + length, 0, (width - head - length) * sizeof *to);
    }
}

/* The same way back: in += what lies in the tile. */
static void F(gather_tap)(const struct ocelot_convolution *c, const struct tile *t, size_t v, size_t u, const REAL *from, REAL *in)
{
    struct seen across = see(c, 1, u, t->left, t->right);
    size_t width = t->right - t->left, length = across.end - across.begin, stride = c->stride[1];
    for (size_t y = t->top; y < t->bottom; y++, from += width) {
        struct seen down = see(c, 0, v, y, y + 1);
        if (down.begin == down.end)
            continue;
        REAL *to = in + down.at * c->in[1] + across.at;
        const REAL *values = from + (across.begin - t->left);
        if (stride == 1)
            for (size_t x = 0; x < length; x++)
                to[x] += values[x];
        else
            for (size_t x = 0; x < length; x++)
                to[x * stride] += values[x];
    }
}

/* One plane of outputs += weight times one plane of inputs, at one tap; or backwards where `back`. */
static void F(sum_tap)(const struct ocelot_convolution *c, size_t v, size_t u, REAL weight, bool back, const REAL *from, REAL *to)
{
    struct seen across = see(c, 1, u, 0, c->out[1]), down = see(c, 0, v, 0, c->out[0]);
    size_t length = across.end - across.begin, stride = c->stride[1];
    for (size_t y = down.begin; y < down.end; y++) {
        size_t at = (down.at + (y - down.begin) * c->stride[0]) * c->in[1] + across.at, out = y * c->out[1] + across.begin;
        const REAL *a = from + (back ? out : at);
        REAL *b = to + (back ? at : out);
        size_t step_a = back ? 1 : stride, step_b = back ? stride : 1;
        if (stride == 1)
            for (size_t x = 0; x < length; x++)
                b[x] += weight * a[x];
        else
            for (size_t x = 0; x < length; x++)
                b[x * step_b] += weight * a[x * step_a];
    }
}

static void F(sum_taps)(const struct ocelot_convolution *c, const REAL *weights, bool back, const REAL *from, REAL *to)
{
    size_t in_plane = c->in[0] * c->in[1], out_plane = c->out[0] * c->out[1];
    for (size_t o = 0; o < c->groups * c->outputs; o++)
        for (size_t i = 0; i < c->inputs; i++) {
            size_t in = (o / c->outputs * c->inputs + i) * in_plane, out = o * out_plane;
            for (size_t v = 0; v < c->kernel[0]; v++)
                for (size_t u = 0; u < c->kernel[1]; u++)
                    F(sum_tap)(c, v, u, *weights++, back, from + (back ? out : in), to + (back ? in : out));
        }
}

/* One group, tile by tile. */
static void F(forward_group)(const struct ocelot_convolution *c, const REAL *weights, const REAL *in, bool add, REAL *scratch, REAL *out)
{
    size_t in_plane = c->in[0] * c->in[1], out_plane = c->out[0] * c->out[1];
    if (pointwise(c)) {
        MATRIX_OF(PRECISION)(false, c->outputs, out_plane, c->inputs, weights, in, out_plane, add, out, out_plane);
        return;
    }
    for (size_t first = 0; first < out_plane;) {
        struct tile t = tile_at(c, first);
        REAL *to = scratch;
        for (size_t i = 0; i < c->inputs; i++)
            for (size_t v = 0; v < c->kernel[0]; v++)
                for (size_t u = 0; u < c->kernel[1]; u++, to += t.count)
                    F(lay_tap)(c, &t, v, u, in + i * in_plane, to);
        MATRIX_OF(PRECISION)(false, c->outputs, t.count, laid_out(c), weights, scratch, t.count, add, out + first, out_plane);
        first += t.count;
    }
}

static void F(transpose_group)(const struct ocelot_convolution *c, const REAL *weights, const REAL *s, REAL *scratch, REAL *back)
{
    size_t in_plane = c->in[0] * c->in[1], out_plane = c->out[0] * c->out[1];
    if (pointwise(c)) {
        MATRIX_OF(PRECISION)(true, c->inputs, out_plane, c->outputs, weights, s, out_plane, false, back, out_plane);
        return;
    }
    memset(back, 0, c->inputs * in_plane * sizeof *back);
    for (size_t first = 0; first < out_plane;) {
        struct tile t = tile_at(c, first);
        const REAL *from = scratch;
        MATRIX_OF(PRECISION)(true, laid_out(c), t.count, c->outputs, weights, s + first, out_plane, false, scratch, t.count);
        for (size_t i = 0; i < c->inputs; i++)
            for (size_t v = 0; v < c->kernel[0]; v++)
                for (size_t u = 0; u < c->kernel[1]; u++, from += t.count)
                    F(gather_tap)(c, &t, v, u, from, back + i * in_plane);
        first += t.count;
    }
}

void F(ocelot_convolution_forward)(const struct ocelot_convolution *c, const REAL *weights, const REAL *bias, const REAL *in, REAL *scratch,
                                   REAL *out)
{
    size_t in_plane = c->in[0] * c->in[1], out_plane = c->out[0] * c->out[1];
    bool taps = tap_by_tap(c);
    for (size_t o = 0; (bias || taps) && o < c->groups * c->outputs; o++)
        for (size_t p = 0; p < out_plane; p++)
            out[o * out_plane + p] = bias ? bias[o] : 0;
    if (taps) {
        F(sum_taps)(c, weights, false, in, out);
        return;
    }
    for (size_t g = 0; g < c->groups; g++)
        F(forward_group)
    (c, weights + g * c->outputs * laid_out(c), in + g * c->inputs * in_plane, bias != NULL, scratch, out + g * c->outputs * out_plane);
}

void F(ocelot_convolution_transpose)(const struct ocelot_convolution *c, const REAL *weights, const REAL *s, REAL *scratch, REAL *back)
{
    size_t in_plane = c->in[0] * c->in[1], out_plane = c->out[0] * c->out[1];
    if (tap_by_tap(c)) {
        memset(back, 0, c->groups * c->inputs * in_plane * sizeof *back);
        F(sum_taps)(c, weights, true, s, back);
        return;
    }
    for (size_t g = 0; g < c->groups; g++)
        F(transpose_group)(c, weights + g * c->outputs * laid_out(c), s + g * c->outputs * out_plane, scratch, back + g * c->inputs * in_plane);
}
#undef MATRIX_NAME
#undef MATRIX_OF
