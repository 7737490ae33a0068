#include "kernels/convolution.h"

#include <stdbool.h>
#include <string.h>

#include "kernels/matrix.h"

/* Numbers of one laid-out tile: a quarter of a megabyte in float, so that it stays in the second-level cache between being written and read. */
enum { TILE = 65536 };

/* Outputs that a matrix product needs at a time to be worth its start, even where a tile then leaves that cache. */
enum { FEWEST = 192 };

/* Below so many weights a tap, a matrix product costs more than it saves: depthwise convolutions. */
enum { FEW = 4 };

static size_t laid_out(const struct ocelot_convolution *c)
{
    return c->inputs * c->kernel[0] * c->kernel[1];
}

/* Outputs of one channel in a tile: whole rows of outputs, or a part of one row. */
static size_t tile_pixels(const struct ocelot_convolution *c)
{
    size_t most = TILE / laid_out(c), row = c->out[1];
    if (most < FEWEST)
        most = FEWEST;
    if (most >= c->out[0] * row)
        return c->out[0] * row;
    return most >= row ? most - most % row : most;
}

static bool pointwise(const struct ocelot_convolution *c)
{
    for (int d = 0; d < 2; d++)
        if (c->kernel[d] != 1 || c->stride[d] != 1 || c->pad[d] != 0 || c->in[d] != c->out[d])
            return false;
    return true;
}

static bool tap_by_tap(const struct ocelot_convolution *c)
{
    return c->inputs * c->outputs <= FEW && !pointwise(c);
}

size_t ocelot_convolution_scratch(const struct ocelot_convolution *c)
{
    return pointwise(c) || tap_by_tap(c) ? 0 : laid_out(c) * tile_pixels(c);
}

/* Which outputs from `begin` to below `end` of dimension d see a real input at tap k, and where the first one sees it. */
struct seen {
    size_t begin, end, at;
};

static struct seen see(const struct ocelot_convolution *c, int d, size_t k, size_t begin, size_t end)
{
    size_t offset = k * c->dilation[d], stride = c->stride[d], limit = c->in[d] + c->pad[d];
    size_t first = offset >= c->pad[d] ? 0 : (c->pad[d] - offset + stride - 1) / stride;
    size_t last = offset >= limit ? 0 : (limit - offset - 1) / stride + 1;
    struct seen s = {.begin = first > begin ? first : begin, .end = last < end ? last : end};
    if (s.begin >= s.end)
        s.begin = s.end = end;
    else
        s.at = s.begin * stride + offset - c->pad[d];
    return s;
}

/* A tile: outputs from row `top` to below `bottom`, columns from `left` to below `right`; full rows unless bottom = top + 1. */
struct tile {
    size_t top, bottom, left, right, first, count; /* first output and number of outputs in a channel */
};

static struct tile tile_at(const struct ocelot_convolution *c, size_t first)
{
    size_t row = c->out[1], most = tile_pixels(c), all = c->out[0] * row;
    struct tile t = {.top = first / row, .left = first % row, .first = first};
    if (most >= row) {
        t.count = most < all - first ? most : all - first;
        t.bottom = t.top + t.count / row;
        t.right = row;
    } else {
        t.count = most < row - t.left ? most : row - t.left;
        t.bottom = t.top + 1;
        t.right = t.left + t.count;
    }
    return t;
}

#define OCELOT_BODY "kernels/convolution_body.h"
#include "base/stamp.h"
