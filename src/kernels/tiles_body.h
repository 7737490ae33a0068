/* Tiles in one precision. Stamped by tiles.h with REAL, OF(name), and WIDTH values in a register. */

/* A register. Elsewhere than with GNU C it is one number, and all that follows is ordinary scalar code. */
#if defined(__GNUC__)
typedef REAL OF(vector) __attribute__((vector_size(WIDTH * sizeof(REAL))));
#else
typedef REAL OF(vector);
#endif

enum { OF(PANEL) = WIDTH * PANEL_VECTORS, OF(BLOCK) = WIDTH * BLOCK_VECTORS };

INLINE OF(vector) OF(load)(const REAL *from)
{
    OF(vector) value;
    memcpy(&value, from, sizeof value);
    return value;
}

INLINE void OF(store)(REAL *to, OF(vector) value)
{
    memcpy(to, &value, sizeof value);
}

/* Where the blocks begin. */
static size_t OF(panels_size)(size_t count, size_t size)
{
    return round_up(round_up(count, OF(PANEL)) * size, 64 / sizeof(REAL));
}

/* No overflow check: the points themselves are in memory, and the copy is at most 2 * PANEL times as large for a single point. */
static size_t OF(packed_bytes)(size_t count, size_t size)
{
    return (OF(panels_size)(count, size) + count * round_up(size, WIDTH)) * sizeof(REAL);
}

/* The features of block k: registers are shared out evenly, so that no last block is too narrow to keep the arithmetic units busy. */
struct OF(span) {
    size_t first, width; /* multiples of WIDTH; the last block's width may reach beyond the features */
};

static size_t OF(blocks_of)(size_t size)
{
    return (round_up(size, WIDTH) + OF(BLOCK) - 1) / OF(BLOCK);
}

static struct OF(span) OF(block_span)(size_t size, size_t k)
{
    size_t vectors = round_up(size, WIDTH) / WIDTH, blocks = OF(blocks_of)(size), each = vectors / blocks, more = vectors % blocks;
    return (struct OF(span)){.first = (k * each + least_of(k, more)) * WIDTH, .width = (each + (k < more)) * WIDTH};
}

static void OF(pack)(const REAL *points, size_t count, size_t size, REAL *panels)
{
    memset(panels, 0, OF(packed_bytes)(count, size));
    REAL *blocks = panels + OF(panels_size)(count, size);
    for (size_t j = 0; j < count; j++)
        for (size_t i = 0; i < size; i++)
            panels[j / OF(PANEL) * OF(PANEL) * size + i * OF(PANEL) + j % OF(PANEL)] = points[j * size + i];
    for (size_t k = 0; k < OF(blocks_of)(size); k++) {
        struct OF(span) span = OF(block_span)(size, k);
        for (size_t j = 0; j < count; j++)
            memcpy(blocks + span.first * count + j * span.width, points + j * size + span.first,
                   least_of(span.width, size - span.first) * sizeof *points);
    }
}

/* Steps of the inner loops. The compiler inlines them: every use is a constant. */
INLINE OF(vector) OF(add_square)(OF(vector) sum, REAL x, OF(vector) u)
{
    OF(vector) t = x - u;
    return sum + t * t;
}

INLINE OF(vector) OF(add_weighted_square)(OF(vector) sum, REAL w, OF(vector) x, OF(vector) u)
{
    OF(vector) t = x - u;
    return sum + (w * t) * t;
}

/* out[b][0..n) for `rows` rows against one panel; `rows` is a constant after inlining. */
INLINE void OF(panel_tile)(OF(vector) (*step)(OF(vector), REAL, OF(vector)), size_t rows, const REAL *panel, size_t size, const REAL *x, REAL *out,
                           size_t stride, size_t n)
{
    OF(vector) sum[PANEL_ROWS][PANEL_VECTORS];
    for (size_t b = 0; b < rows; b++)
        for (size_t v = 0; v < PANEL_VECTORS; v++)
            sum[b][v] = (OF(vector)){0};
    for (size_t i = 0; i < size; i++) {
        OF(vector) u[PANEL_VECTORS];
        for (size_t v = 0; v < PANEL_VECTORS; v++)
            u[v] = OF(load)(panel + i * OF(PANEL) + v * WIDTH);
        for (size_t b = 0; b < rows; b++)
            for (size_t v = 0; v < PANEL_VECTORS; v++)
                sum[b][v] = step(sum[b][v], x[b * size + i], u[v]);
    }
    for (size_t b = 0; b < rows; b++) {
        REAL line[OF(PANEL)];
        for (size_t v = 0; v < PANEL_VECTORS; v++)
            OF(store)(line + v * WIDTH, sum[b][v]);
        if (n == OF(PANEL))
            memcpy(out + b * stride, line, sizeof line);
        else
            memcpy(out + b * stride, line, n * sizeof *line);
    }
}

INLINE void OF(over_panels)(OF(vector) (*step)(OF(vector), REAL, OF(vector)), const struct OF(ocelot_packed) * u, const REAL *x, size_t rows,
                            REAL *out)
{
    for (size_t j = 0; j < u->count; j += OF(PANEL)) {
        const REAL *panel = u->panels + j * u->size;
        size_t n = least_of(OF(PANEL), u->count - j), b = 0;
        for (; b + PANEL_ROWS <= rows; b += PANEL_ROWS)
            OF(panel_tile)(step, PANEL_ROWS, panel, u->size, x + b * u->size, out + b * u->count + j, u->count, n);
        for (; b + 2 <= rows; b += 2)
            OF(panel_tile)(step, 2, panel, u->size, x + b * u->size, out + b * u->count + j, u->count, n);
        for (; b < rows; b++)
            OF(panel_tile)(step, 1, panel, u->size, x + b * u->size, out + b * u->count + j, u->count, n);
    }
}

static void OF(squared_distance)(const struct OF(ocelot_packed) * u, const REAL *x, size_t rows, REAL *out)
{
    OF(over_panels)(OF(add_square), u, x, rows, out);
}

/* What a chunk of the j loop adds to a tile of results. */
struct OF(block) {
    const REAL *u; /* [chunk][width] of the packed copy */
    const REAL *x; /* the rows at the block's first feature, or NULL */
    const REAL *w; /* the rows at the chunk's first weight */
    REAL *out;     /* the rows at the block's first feature */
    size_t size, count, chunk;
    size_t features; /* of the block, at most its width */
    bool first;      /* the chunk begins the sum */
};

/* `n` <= `vectors` registers' worth of numbers, the rest 0. The copy through memory is only for the last block of a row. */
INLINE void OF(load_line)(OF(vector) * to, size_t vectors, const REAL *from, size_t n)
{
    REAL line[OF(BLOCK)] = {0};
    if (n != vectors * WIDTH)
        from = memcpy(line, from, n * sizeof *line);
    for (size_t v = 0; v < vectors; v++)
        to[v] = OF(load)(from + v * WIDTH);
}

INLINE void OF(store_line)(REAL *to, size_t vectors, const OF(vector) * from, size_t n)
{
    REAL line[OF(BLOCK)];
    REAL *whole = n == vectors * WIDTH ? to : line;
    for (size_t v = 0; v < vectors; v++)
        OF(store)(whole + v * WIDTH, from[v]);
    if (whole == line)
        memcpy(to, line, n * sizeof *line);
}

/* `rows` and `vectors` are constants after inlining. */
INLINE void OF(block_tile)(OF(vector) (*step)(OF(vector), REAL, OF(vector), OF(vector)), size_t rows, size_t vectors, const struct OF(block) * at,
                           size_t row)
{
    OF(vector) sum[BLOCK_ROWS][BLOCK_VECTORS], x[BLOCK_ROWS][BLOCK_VECTORS];
    const REAL *w = at->w + row * at->count;
    for (size_t b = 0; b < BLOCK_ROWS; b++)
        for (size_t v = 0; v < BLOCK_VECTORS; v++)
            sum[b][v] = x[b][v] = (OF(vector)){0};
    for (size_t b = 0; b < rows; b++) {
        if (at->x)
            OF(load_line)(x[b], vectors, at->x + (row + b) * at->size, at->features);
    }
    for (size_t j = 0; j < at->chunk; j++) {
        OF(vector) u[BLOCK_VECTORS];
        for (size_t v = 0; v < vectors; v++)
            u[v] = OF(load)(at->u + (j * vectors + v) * WIDTH);
        for (size_t b = 0; b < rows; b++)
            for (size_t v = 0; v < vectors; v++)
                sum[b][v] = step(sum[b][v], w[b * at->count + j], x[b][v], u[v]);
    }
    for (size_t b = 0; b < rows; b++) {
        OF(vector) before[BLOCK_VECTORS];
        if (!at->first)
            OF(load_line)(before, vectors, at->out + (row + b) * at->size, at->features);
        for (size_t v = 0; !at->first && v < vectors; v++)
            sum[b][v] += before[v];
        OF(store_line)(at->out + (row + b) * at->size, vectors, sum[b], at->features);
    }
}

INLINE void OF(block_rows)(OF(vector) (*step)(OF(vector), REAL, OF(vector), OF(vector)), size_t vectors, const struct OF(block) * at, size_t rows)
{
    size_t b = 0;
    for (; b + BLOCK_ROWS <= rows; b += BLOCK_ROWS)
        OF(block_tile)(step, BLOCK_ROWS, vectors, at, b);
    for (; b < rows; b++)
        OF(block_tile)(step, 1, vectors, at, b);
}

INLINE void OF(over_blocks)(OF(vector) (*step)(OF(vector), REAL, OF(vector), OF(vector)), const struct OF(ocelot_packed) * u, const REAL *x,
                            const REAL *w, size_t rows, REAL *out)
{
    const REAL *blocks = u->panels + OF(panels_size)(u->count, u->size);
    for (size_t k = 0; k < OF(blocks_of)(u->size); k++) {
        struct OF(span) span = OF(block_span)(u->size, k);
        size_t i = span.first, vectors = span.width / WIDTH;
        for (size_t j = 0; j < u->count; j += CHUNK) {
            struct OF(block) at = {.u = blocks + i * u->count + j * span.width,
                                   .x = x ? x + i : NULL,
                                   .w = w + j,
                                   .size = u->size,
                                   .count = u->count,
                                   .chunk = least_of(CHUNK, u->count - j),
                                   .features = least_of(span.width, u->size - i),
                                   .first = j == 0};
            at.out = out + i;
            if (BLOCK_VECTORS >= 4 && vectors == 4)
                OF(block_rows)(step, 4, &at, rows);
            else if (BLOCK_VECTORS >= 3 && vectors == 3)
                OF(block_rows)(step, 3, &at, rows);
            else if (BLOCK_VECTORS >= 2 && vectors == 2)
                OF(block_rows)(step, 2, &at, rows);
            else
                OF(block_rows)(step, 1, &at, rows);
        }
    }
}

static void OF(weighted_square)(const struct OF(ocelot_packed) * u, const REAL *x, const REAL *w, size_t rows, REAL *out)
{
    OF(over_blocks)(OF(add_weighted_square), u, x, w, rows, out);
}
