/* Tiles in one precision. Stamped by tiles.h with REAL, OF(name), and WIDTH values in a register. */

/* A register. Elsewhere than with GNU C it is one number, and all that follows is ordinary scalar code. */
#if defined(__GNUC__)
typedef REAL OF(vector) __attribute__((vector_size(WIDTH * sizeof(REAL))));
typedef WHOLE OF(flags) __attribute__((vector_size(sizeof(OF(vector)))));
#else
typedef REAL OF(vector);
typedef WHOLE OF(flags); /* of a vector */
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
    return round_up(count, OF(PANEL)) * (size + 1) * sizeof(REAL);
}

/* Where the |u_j|^2 stand; NaN, all of them, where squared_distance takes direct differences outright. */
static size_t OF(norms_at)(size_t count, size_t size)
{
    return round_up(count, OF(PANEL)) * size;
}

/* |u_l|^2 of one panel. Returns how many of its n support vectors cancel, or nearly, with the first of another panel. */
static size_t OF(measure_panel)(const REAL *panel, const REAL *other, size_t size, size_t n, REAL *norms)
{
    double norm[OF(PANEL)] = {0}, apart[OF(PANEL)] = {0}, other_norm = 0;
    for (size_t i = 0; i < size; i++) {
        double v = (double)other[i * OF(PANEL)];
        other_norm += v * v;
        for (size_t l = 0; l < OF(PANEL); l++) {
            double u = (double)panel[i * OF(PANEL) + l], t = u - v;
            norm[l] += u * u;
            apart[l] += t * t;
        }
    }
    size_t close = 0;
    for (size_t l = 0; l < OF(PANEL); l++) {
        norms[l] = (REAL)norm[l];
        close += l < n && apart[l] < 2 * (double)CANCELS * (norm[l] + other_norm);
    }
    return close;
}

/* Fills in |u_j|^2 and returns the largest; NaN and 0 where so many pairs of support vectors cancel that direct differences are faster from the
 * start, or d is so small that products save nothing. */
static REAL OF(find_norms)(const REAL *panels, size_t count, size_t size, REAL *norms)
{
    size_t close = 0, half = round_up(count / 2, OF(PANEL));
    REAL largest = 0;
    for (size_t j = 0; j < count; j += OF(PANEL)) {
        size_t other = j >= half ? j - half : j + half;
        other = other < count ? other : 0;
        close += OF(measure_panel)(panels + j * size, panels + other * size, size, least_of(OF(PANEL), count - j), norms + j);
        for (size_t l = 0; l < OF(PANEL); l++)
            largest = norms[j + l] > largest ? norms[j + l] : largest;
    }
    bool expands = size >= LEAST_EXPANDED && close <= 1 + count / 100;
    for (size_t j = 0; !expands && j < round_up(count, OF(PANEL)); j++)
        norms[j] = (REAL)NAN;
    return expands ? largest : 0;
}

static REAL OF(pack)(const REAL *points, size_t count, size_t size, REAL *panels)
{
    memset(panels, 0, OF(packed_bytes)(count, size));
    for (size_t j = 0; j < count; j++)
        for (size_t i = 0; i < size; i++)
            panels[j / OF(PANEL) * OF(PANEL) * size + i * OF(PANEL) + j % OF(PANEL)] = points[j * size + i];
    return OF(find_norms)(panels, count, size, panels + OF(norms_at)(count, size));
}

/* Steps of the inner loops. The compiler inlines them: every use is a constant. */
INLINE OF(vector) OF(add_square)(OF(vector) sum, REAL x, OF(vector) u)
{
    OF(vector) t = x - u;
    return sum + t * t;
}

INLINE OF(vector) OF(add_product)(OF(vector) sum, REAL x, OF(vector) u)
{
    return sum + x * u;
}

INLINE OF(vector) OF(add_weighted_square)(OF(vector) sum, OF(vector) w, REAL x, OF(vector) u)
{
    OF(vector) t = x - u;
    return sum + (w * t) * t;
}

/* In 16 bytes, then one by one: the compiler leaves a loop of halves rolled up. */
INLINE REAL OF(sum_places)(OF(vector) value)
{
    enum { PART = WIDTH * sizeof(REAL) > 16 ? 16 / sizeof(REAL) : WIDTH };
    REAL line[WIDTH], part[PART], sum = 0;
    OF(store)(line, value);
    for (size_t l = 0; l < PART; l++)
        part[l] = line[l];
    for (size_t k = PART; k < WIDTH; k += PART)
        for (size_t l = 0; l < PART; l++)
            part[l] += line[k + l];
    for (size_t l = 0; l < PART; l++)
        sum += part[l];
    return sum;
}

/* |x|^2 */
static REAL OF(norm_of)(const REAL *x, size_t size)
{
    OF(vector) sum = {0};
    size_t i = 0;
    for (; i + WIDTH <= size; i += WIDTH)
        sum += OF(load)(x + i) * OF(load)(x + i);
    REAL norm = OF(sum_places)(sum);
    for (; i < size; i++)
        norm += x[i] * x[i];
    return norm;
}

/* Sums of `rows` rows against one panel; `rows` is a constant after inlining. */
INLINE void OF(panel_sums)(OF(vector) (*step)(OF(vector), REAL, OF(vector)), size_t rows, const REAL *panel, size_t size, const REAL *x,
                           OF(vector) sum[PANEL_ROWS][PANEL_VECTORS])
{
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
}

/* Sums of products of `rows` rows become |x|^2 + |u|^2 - 2 sum. Returns whether all of them may stand. */
INLINE bool OF(expand)(size_t rows, const REAL *x_norms, const REAL *norms, OF(vector) sum[PANEL_ROWS][PANEL_VECTORS])
{
    OF(flags) fine = ~(OF(flags)){0};
    for (size_t b = 0; b < rows; b++)
        for (size_t v = 0; v < PANEL_VECTORS; v++) {
            OF(vector) both = x_norms[b] + OF(load)(norms + v * WIDTH);
            sum[b][v] = both - 2 * sum[b][v];
            fine &= (sum[b][v] >= both * CANCELS) & (sum[b][v] <= MOST);
        }
    WHOLE line[WIDTH], all = -1;
    memcpy(line, &fine, sizeof line);
    for (size_t l = 0; l < WIDTH; l++)
        all &= line[l];
    return all != 0;
}

INLINE void OF(put_sums)(size_t rows, OF(vector) sum[PANEL_ROWS][PANEL_VECTORS], REAL *out, size_t stride, size_t n)
{
    for (size_t b = 0; n == OF(PANEL) && b < rows; b++)
        for (size_t v = 0; v < PANEL_VECTORS; v++)
            OF(store)(out + b * stride + v * WIDTH, sum[b][v]);
    for (size_t b = 0; n < OF(PANEL) && b < rows; b++) {
        REAL line[OF(PANEL)];
        for (size_t v = 0; v < PANEL_VECTORS; v++)
            OF(store)(line + v * WIDTH, sum[b][v]);
        memcpy(out + b * stride, line, n * sizeof *line);
    }
}

/* Direct differences for those of one row's n distances that may not stand. */
static void OF(correct)(const REAL *panel, size_t size, const REAL *x, REAL x_norm, const REAL *norms, REAL *out, size_t n)
{
    REAL direct[OF(PANEL)], fine[OF(PANEL)], all = 1;
    for (size_t l = 0; l < n; l++) {
        fine[l] = out[l] >= (x_norm + norms[l]) * CANCELS && out[l] <= MOST;
        all *= fine[l];
    }
    if (all > 0)
        return;
    OF(vector) sum[PANEL_ROWS][PANEL_VECTORS];
    OF(panel_sums)(OF(add_square), 1, panel, size, x, sum);
    OF(put_sums)(1, sum, direct, OF(PANEL), OF(PANEL));
    for (size_t l = 0; l < n; l++)
        out[l] = fine[l] > 0 ? out[l] : direct[l];
}

/* out[b][0..PANEL) for `rows` rows against the panel that begins with support vector j; `rows` is a constant after inlining. With x_norms, distances
 * from products. */
INLINE void OF(panel_tile)(OF(vector) (*step)(OF(vector), REAL, OF(vector)), size_t rows, const struct OF(ocelot_packed) * u, size_t j, const REAL *x,
                           const REAL *x_norms, REAL *out)
{
    OF(vector) sum[PANEL_ROWS][PANEL_VECTORS];
    const REAL *panel = u->panels + j * u->size, *norms = u->panels + OF(norms_at)(u->count, u->size) + j;
    size_t n = least_of(OF(PANEL), u->count - j);
    OF(panel_sums)(step, rows, panel, u->size, x, sum);
    bool fine = !x_norms || OF(expand)(rows, x_norms, norms, sum);
    OF(put_sums)(rows, sum, out, u->count, n);
    for (size_t b = 0; !fine && b < rows; b++)
        OF(correct)(panel, u->size, x + b * u->size, x_norms[b], norms, out + b * u->count, n);
}

/* x_norms as in panel_tile: NULL, or those of `rows` rows. */
INLINE void OF(over_panels)(OF(vector) (*step)(OF(vector), REAL, OF(vector)), const struct OF(ocelot_packed) * u, const REAL *x, const REAL *x_norms,
                            size_t rows, REAL *out)
{
    for (size_t j = 0; j < u->count; j += OF(PANEL)) {
        size_t b = 0;
        for (; b + PANEL_ROWS <= rows; b += PANEL_ROWS)
            OF(panel_tile)(step, PANEL_ROWS, u, j, x + b * u->size, x_norms ? x_norms + b : NULL, out + b * u->count + j);
        for (; b + 2 <= rows; b += 2)
            OF(panel_tile)(step, 2, u, j, x + b * u->size, x_norms ? x_norms + b : NULL, out + b * u->count + j);
        for (; b < rows; b++)
            OF(panel_tile)(step, 1, u, j, x + b * u->size, x_norms ? x_norms + b : NULL, out + b * u->count + j);
    }
}

static void OF(product)(const struct OF(ocelot_packed) * u, const REAL *x, size_t rows, REAL *out)
{
    OF(over_panels)(OF(add_product), u, x, NULL, rows, out);
}

static void OF(squared_distance)(const struct OF(ocelot_packed) * u, const REAL *x, size_t rows, REAL *out)
{
    if (isnan(u->panels[OF(norms_at)(u->count, u->size)])) {
        OF(over_panels)(OF(add_square), u, x, NULL, rows, out);
        return;
    }
    for (size_t first = 0; first < rows; first += EXPANDED_ROWS) {
        REAL x_norms[EXPANDED_ROWS];
        size_t some = least_of(EXPANDED_ROWS, rows - first);
        for (size_t b = 0; b < some; b++)
            x_norms[b] = OF(norm_of)(x + (first + b) * u->size, u->size);
        OF(over_panels)(OF(add_product), u, x + first * u->size, x_norms, some, out + first * u->count);
    }
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
    REAL values[COLUMN_FEATURES][COLUMN_ROWS];
    for (size_t i = 0; i < features; i++)
        for (size_t b = 0; b < rows; b++) {
            sum[i][b] = (OF(vector)){0};
            values[i][b] = x ? x[b * u->size + first + i] : 0;
        }
    for (size_t j = 0; j < u->count; j += OF(PANEL)) {
        const REAL *panel = u->panels + j * u->size + first * OF(PANEL);
        OF(vector) weights[COLUMN_ROWS][PANEL_VECTORS];
        OF(load_weights)(rows, w + j, u->count, least_of(OF(PANEL), u->count - j), weights);
        for (size_t i = 0; i < features; i++) {
            OF(vector) points[PANEL_VECTORS];
            for (size_t v = 0; v < PANEL_VECTORS; v++)
                points[v] = OF(load)(panel + i * OF(PANEL) + v * WIDTH);
            for (size_t b = 0; b < rows; b++)
                for (size_t v = 0; v < PANEL_VECTORS; v++)
                    sum[i][b] = step(sum[i][b], weights[b][v], values[i][b], points[v]);
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
