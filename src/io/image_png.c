/* PNG through libpng. Its errors leave by longjmp: everything between setjmp and the end lives in one struct, outside the frame that jumps. */
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "io/image_format.h"

/* Deflate turns one byte into 1032 at most: a header that claims more than the file can hold is refused before any memory is asked for. */
enum { DEFLATE_RATIO = 1032 };

struct decoder {
    png_structp png;
    png_infop info;
    const unsigned char *bytes;
    size_t left;
    const char *name;
    unsigned char *row; /* [width][channels] of the file, transparency included; all rows of it where they are interlaced */
    size_t channels, row_bytes;
    bool interlaced;
    struct ocelot_image *out;
    struct ocelot_error *err;
    enum ocelot_status status;
};

static bool recognise(const unsigned char *bytes, size_t length)
{
    return length >= 8 && memcmp(bytes, "\211PNG\r\n\032\n", 8) == 0;
}

static void leave(png_structp png, png_const_charp message)
{
    struct decoder *decoder = png_get_error_ptr(png);
    if (decoder->status == OCELOT_OK)
        decoder->status = ocelot_fail(decoder->err, OCELOT_E_FORMAT, "%s: is broken or cut off: %s", decoder->name, message);
    png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void give(png_structp png, png_bytep to, size_t count)
{
    struct decoder *decoder = png_get_io_ptr(png);
    if (count > decoder->left)
        png_error(png, "the file ends too early");
    memcpy(to, decoder->bytes, count);
    decoder->bytes += count;
    decoder->left -= count;
}

/* Everything becomes grey or RGB of 8 bits, with an opacity where the file has any. */
static void ask_for_bytes(png_structp png, png_infop info)
{
    png_set_expand(png);
    png_set_scale_16(png);
    if (png_get_valid(png, info, PNG_INFO_tRNS))
        png_set_tRNS_to_alpha(png);
}

/* Header read: sizes are checked and the memory taken. */
static enum ocelot_status prepare(struct decoder *d, size_t size)
{
    size_t width = png_get_image_width(d->png, d->info), height = png_get_image_height(d->png, d->info), packed = 0, whole = 0;
    size_t file_row = png_get_rowbytes(d->png, d->info);
    if (!ocelot_size_multiply(file_row, height, &packed) || packed / DEFLATE_RATIO > size)
        return ocelot_fail(d->err, OCELOT_E_FORMAT, "%s: is cut off: %zu x %zu pixels cannot be in %zu bytes", d->name, width, height, size);
    int passes = png_set_interlace_handling(d->png);
    ask_for_bytes(d->png, d->info);
    png_read_update_info(d->png, d->info);
    d->channels = png_get_channels(d->png, d->info);
    d->row_bytes = png_get_rowbytes(d->png, d->info);
    if (d->row_bytes != width * d->channels || d->channels < 1 || d->channels > 4)
        return ocelot_fail(d->err, OCELOT_E_FORMAT, "%s: has an unknown kind of pixels", d->name);
    enum ocelot_status status = ocelot_image_allocate(d->out, width, height, d->channels >= 3 ? 3 : 1, d->name, d->err);
    if (status != OCELOT_OK)
        return status;
    d->interlaced = passes > 1;
    d->row = ocelot_size_multiply(d->row_bytes, d->interlaced ? height : 1, &whole) ? ocelot_allocate(whole, 1) : NULL;
    return d->row != NULL ? OCELOT_OK : ocelot_fail_memory(d->err, "a picture");
}

static void take_row(struct decoder *d, const unsigned char *row, size_t y)
{
    struct ocelot_image *image = d->out;
    bool opaque = d->channels == image->channels;
    for (size_t x = 0; x < image->width; x++, row += d->channels)
        for (size_t c = 0; c < image->channels; c++)
            image->pixels[(y * image->width + x) * image->channels + c] = opaque ? row[c] : ocelot_image_over_white(row[c], row[d->channels - 1]);
}

static void read_rows(struct decoder *d)
{
    size_t height = d->out->height;
    if (!d->interlaced) {
        for (size_t y = 0; y < height; y++) {
            png_read_row(d->png, d->row, NULL);
            take_row(d, d->row, y);
        }
        return;
    }
    for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; pass++)
        for (size_t y = 0; y < height; y++)
            png_read_row(d->png, d->row + y * d->row_bytes, NULL);
    for (size_t y = 0; y < height; y++)
        take_row(d, d->row + y * d->row_bytes, y);
}

/* The one frame that is jumped to: it changes no variable of its own. */
static void decode(struct decoder *d, size_t size)
{
    if (setjmp(png_jmpbuf(d->png)))
        return;
    png_set_read_fn(d->png, d, give);
    png_set_user_limits(d->png, OCELOT_IMAGE_PIXELS, OCELOT_IMAGE_PIXELS);
    png_read_info(d->png, d->info);
    d->status = prepare(d, size);
    if (d->status != OCELOT_OK || d->row == NULL)
        return;
    read_rows(d);
    png_read_end(d->png, NULL);
}

static enum ocelot_status read_png(const unsigned char *bytes, size_t size, const char *name, struct ocelot_image *out, struct ocelot_error *err)
{
    struct decoder d = {.bytes = bytes, .left = size, .name = name, .out = out, .err = err};
    d.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &d, leave, ignore);
    d.info = d.png != NULL ? png_create_info_struct(d.png) : NULL;
    if (d.info != NULL)
        decode(&d, size);
    else
        d.status = ocelot_fail_memory(err, "a picture");
    png_destroy_read_struct(&d.png, &d.info, NULL);
    free(d.row);
    return d.status;
}

const struct ocelot_image_format ocelot_image_format_png = {.name = "PNG", .recognise = recognise, .read = read_png};
