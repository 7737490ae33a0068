#include "svm/kernel_rows.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

/* Columns of a piece, a multiple of every body's panel: a tile of 64 x 480 kernel values takes 240 KiB. ALIGN is in doubles. */
enum { PIECE = 480, ALIGN = 8, BATCH = OCELOT_KERNEL_ROWS_BATCH };

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t aligned(size_t doubles)
{
    return (doubles + ALIGN - 1) / ALIGN * ALIGN;
}

static struct ocelot_packed piece_of(const struct ocelot_kernel_rows *rows, size_t first)
{
    size_t at = rows->kept ? first / PIECE * rows->stride : 0;
    return (struct ocelot_packed){rows->points + first * rows->d, least_of(PIECE, rows->n - first), rows->d, rows->packed + at};
}

static void pack(const struct ocelot_kernel_rows *rows, size_t first)
{
    size_t at = rows->kept ? first / PIECE * rows->stride : 0;
    rows->kernels->pack(rows->points + first * rows->d, least_of(PIECE, rows->n - first), rows->d, rows->packed + at);
}

enum ocelot_status ocelot_kernel_rows_start(struct ocelot_kernel_rows *rows, bool keep, struct ocelot_error *err)
{
    size_t columns = least_of(PIECE, rows->n), pieces = keep ? (rows->n + PIECE - 1) / PIECE : 1, total, x;
    rows->kept = keep;
    rows->stride = aligned((rows->kernels->packed_bytes(columns, rows->d) + sizeof(double) - 1) / sizeof(double));
    bool fits = ocelot_size_multiply(pieces, rows->stride, &total) && ocelot_size_multiply(BATCH, rows->d, &x) &&
                ocelot_size_add(total, aligned(x), &total) && ocelot_size_add(total, BATCH * PIECE + ALIGN, &total);
    rows->block = fits ? ocelot_allocate(total, sizeof *rows->block) : NULL;
    if (!rows->block)
        return ocelot_fail_memory(err, "kernel values");
    rows->packed = rows->block + (ALIGN - (uintptr_t)rows->block / sizeof(double) % ALIGN) % ALIGN;
    rows->x = rows->packed + pieces * rows->stride;
    rows->tile = rows->x + aligned(x);
    for (size_t first = 0; keep && first < rows->n; first += PIECE)
        pack(rows, first);
    return OCELOT_OK;
}

void ocelot_kernel_rows_release(struct ocelot_kernel_rows *rows)
{
    free(rows->block);
    rows->block = NULL;
}

/* Rows of one batch side by side. */
static void gather(const struct ocelot_kernel_rows *rows, const size_t *index, size_t count)
{
    for (size_t b = 0; b < count; b++)
        memcpy(rows->x + b * rows->d, rows->queries + index[b] * rows->d, rows->d * sizeof(double));
}

/* The tile [count][columns] of the gathered rows against one piece. */
static void fill_tile(const struct ocelot_kernel_rows *rows, const struct ocelot_packed *piece, size_t count)
{
    rows->kernels->squared_distance(piece, rows->x, count, rows->tile);
    rows->kernels->profile(rows->profile, rows->parameters, rows->tile, count * piece->count);
    rows->kernels->decay(rows->tile, count * piece->count);
}

void ocelot_kernel_rows_fetch(const struct ocelot_kernel_rows *rows, const size_t *index, size_t count, double *const *out)
{
    gather(rows, index, count);
    for (size_t first = 0; first < rows->n; first += PIECE) {
        struct ocelot_packed piece = piece_of(rows, first);
        fill_tile(rows, &piece, count);
        for (size_t b = 0; b < count; b++)
            memcpy(out[b] + first, rows->tile + b * piece.count, piece.count * sizeof(double));
    }
}

void ocelot_kernel_rows_add(const struct ocelot_kernel_rows *rows, const size_t *index, const double *weights, size_t count, double *sum)
{
    for (size_t first = 0; count > 0 && first < rows->n; first += PIECE) {
        struct ocelot_packed piece = piece_of(rows, first);
        if (!rows->kept)
            pack(rows, first);
        for (size_t b = 0; b < count; b += BATCH) {
            size_t batch = least_of(BATCH, count - b);
            gather(rows, index + b, batch);
            fill_tile(rows, &piece, batch);
            for (size_t r = 0; r < batch; r++)
                rows->kernels->add_scaled(rows->tile + r * piece.count, weights[b + r], piece.count, sum + first);
        }
    }
}
