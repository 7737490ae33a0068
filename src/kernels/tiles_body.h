/* Tiles in one precision. Stamped by tiles.h with REAL, OF(name), and WIDTH values in a register. */

/* A register. Elsewhere than with GNU C it is one number, and all that follows is ordinary scalar code. */
#if defined(__GNUC__)
typedef REAL OF(vector) __attribute__((vector_size(WIDTH * sizeof(REAL))));
#else
typedef REAL OF(vector);
#endif

enum { OF(PANEL) = WIDTH * PANEL_VECTORS };

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

/* No overflow check: the points themselves are in memory, and the copy is at most PANEL times as large for a single point. */
static size_t OF(packed_bytes)(size_t count, size_t size)
{
    return round_up(count, OF(PANEL)) * size * sizeof(REAL);
}

static void OF(pack)(const REAL *points, size_t count, size_t size, REAL *panels)
{
    memset(panels, 0, OF(packed_bytes)(count, size));
    for (size_t j = 0; j < count; j++)
        for (size_t i = 0; i < size; i++)
            panels[j / OF(PANEL) * OF(PANEL) * size + i * OF(PANEL) + j % OF(PANEL)] = points[j * size + i];
}

/* Steps of the inner loops. The compiler inlines them: every use is a constant. */
INLINE OF(vector) OF(add_square)(OF(vector) sum, REAL x, OF(vector) u)
{
    OF(vector) t = x - u;
    return sum + t * t;
}

INLINE OF(vector) OF(add_weighted_square)(OF(vector) sum, OF(vector) w, REAL x, OF(vector) u)
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

static REAL OF(sum_places)(OF(vector) value)
{
    REAL line[WIDTH];
    OF(store)(line, value);
    for (size_t half = WIDTH / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++)
            line[l] += line[l + half];
    return line[0];
}

/* The weights of `rows` rows for one panel, of which n are support vectors. */
INLINE void OF(load_weights)(size_t rows, const REAL *w, size_t stride, size_t n, OF(vector) to[COLUMN_ROWS][PANEL_VECTORS])
{
    for (size_t b = 0; b < rows; b++) {
        REAL line[OF(PANEL)] = {0};
        const REAL *from = w + b * stride;
        if (n < OF(PANEL))
            from = memcpy(line, from, n * sizeof *line);
        for (size_t v = 0; v < PANEL_VECTORS; v++)
            to[b][v] = OF(load)(from + v * WIDTH);
    }
}

/* out[b][first..first + features) for `rows` rows over all panels; `rows` is a constant after inlining. x may be NULL for steps that ignore it. */
INLINE void OF(column_tile)(OF(vector) (*step)(OF(vector), OF(vector), REAL, OF(vector)), size_t rows, const struct OF(ocelot_packed) * u,
                            const REAL *x, const REAL *w, size_t first, size_t features, REAL *out)
{
    OF(vector) sum[COLUMN_FEATURES][COLUMN_ROWS];
    for (size_t i = 0; i < features; i++)
        for (size_t b = 0; b < rows; b++)
            sum[i][b] = (OF(vector)){0};
    for (size_t j = 0; j < u->count; j += OF(PANEL)) {
        const REAL *panel = u->panels + j * u->size + first * OF(PANEL);
        OF(vector) weights[COLUMN_ROWS][PANEL_VECTORS];
        OF(load_weights)(rows, w + j, u->count, least_of(OF(PANEL), u->count - j), weights);
        for (size_t i = 0; i < features; i++) {
            OF(vector) points[PANEL_VECTORS];
            for (size_t v = 0; v < PANEL_VECTORS; v++)
                points[v] = OF(load)(panel + i * OF(PANEL) + v * WIDTH);
            for (size_t b = 0; b < rows; b++) {
                REAL value = x ? x[b * u->size + first + i] : 0;
                for (size_t v = 0; v < PANEL_VECTORS; v++)
                    sum[i][b] = step(sum[i][b], weights[b][v], value, points[v]);
            }
        }
    }
    for (size_t b = 0; b < rows; b++)
        for (size_t i = 0; i < features; i++)
            out[b * u->size + first + i] = OF(sum_places)(sum[i][b]);
}

INLINE void OF(over_columns)(OF(vector) (*step)(OF(vector), OF(vector), REAL, OF(vector)), const struct OF(ocelot_packed) * u, const REAL *x,
                             const REAL *w, size_t rows, REAL *out)
{
    for (size_t i = 0; i < u->size; i += COLUMN_FEATURES) { /* of these, all support vectors stay in the second-level cache */
        size_t features = least_of(COLUMN_FEATURES, u->size - i), b = 0;
        for (; b + COLUMN_ROWS <= rows; b += COLUMN_ROWS)
            OF(column_tile)(step, COLUMN_ROWS, u, x ? x + b * u->size : NULL, w + b * u->count, i, features, out + b * u->size);
        for (; b < rows; b++)
            OF(column_tile)(step, 1, u, x ? x + b * u->size : NULL, w + b * u->count, i, features, out + b * u->size);
    }
}

static void OF(weighted_square)(const struct OF(ocelot_packed) * u, const REAL *x, const REAL *w, size_t rows, REAL *out)
{
    OF(over_columns)(OF(add_weighted_square), u, x, w, rows, out);
}
