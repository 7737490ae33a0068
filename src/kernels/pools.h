/* Windows of blocks that are one vector wide, for signals_body.h: false where they are not, which is left to its loops. */
#ifndef OCELOT_KERNELS_POOLS_H
#define OCELOT_KERNELS_POOLS_H

/* They write nothing, but are what the others are. NOLINTBEGIN(readability-non-const-parameter) */
static inline bool most_wide_f64(const double *in, const struct ocelot_seen *seen, size_t block, double *most)
{
    (void)in, (void)seen, (void)block, (void)most;
    return false;
}

static inline bool won_wide_f64(const double *in, const struct ocelot_seen *seen, size_t block, const double *most, const double *s, double *back)
{
    (void)in, (void)seen, (void)block, (void)most, (void)s, (void)back;
    return false;
}
/* NOLINTEND(readability-non-const-parameter) */

#if defined(OCELOT_KERNELS_WINOGRAD_H) && defined(__GNUC__)
typedef int32_t wide_mask __attribute__((vector_size(WIDE * sizeof(int32_t)))); /* of a wide */

/* Where the mask is set, a, else b. */
INLINE wide choose_wide(wide_mask mask, wide a, wide b)
{
    return (wide)((mask & (wide_mask)a) | (~mask & (wide_mask)b));
}

static bool most_wide_f32(const float *in, const struct ocelot_seen *seen, size_t block, float *most)
{
    if (block != WIDE)
        return false;
    wide best = load_wide(in);
    for (size_t y = 0; y < seen->rows; y++)
        for (size_t x = 0; x < seen->columns; x++) {
            wide value = load_wide(in + y * seen->down + x * seen->across);
            best = choose_wide(value > best, value, best);
        }
    store_wide(most, best);
    return true;
}

static bool won_wide_f32(const float *in, const struct ocelot_seen *seen, size_t block, const float *most, const float *s, float *back)
{
    if (block != WIDE)
        return false;
    wide best = load_wide(most), pending = load_wide(s), none = {0};
    for (size_t y = 0; y < seen->rows; y++)
        for (size_t x = 0; x < seen->columns; x++) {
            size_t at = y * seen->down + x * seen->across;
            wide_mask won = load_wide(in + at) == best;
            store_wide(back + at, load_wide(back + at) + choose_wide(won, pending, none));
            pending = choose_wide(won, none, pending);
        }
    return true;
}
#else
/* NOLINTBEGIN(readability-non-const-parameter) */
static inline bool most_wide_f32(const float *in, const struct ocelot_seen *seen, size_t block, float *most)
{
    (void)in, (void)seen, (void)block, (void)most;
    return false;
}

static inline bool won_wide_f32(const float *in, const struct ocelot_seen *seen, size_t block, const float *most, const float *s, float *back)
{
    (void)in, (void)seen, (void)block, (void)most, (void)s, (void)back;
    return false;
}
/* NOLINTEND(readability-non-const-parameter) */
#endif

#endif
