#include "support/pictures.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <png.h>

static void append(png_structp png, png_bytep bytes, size_t count)
{
    ocelot_text_append(png_get_io_ptr(png), (const char *)bytes, count);
}

static void flush(png_structp png)
{
    (void)png;
}

void picture_make_png(const struct picture_png *picture, struct ocelot_text *out)
{
    ocelot_text_clear(out);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    if (info == NULL || setjmp(png_jmpbuf(png)))
        abort();
    png_set_write_fn(png, out, append, flush);
    png_set_IHDR(png, info, picture->width, picture->height, picture->depth, picture->type,
                 picture->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_color palette[256];
    for (size_t k = 0; k < (size_t)picture->colour_count; k++)
        palette[k] = (png_color){picture->colours[3 * k], picture->colours[3 * k + 1], picture->colours[3 * k + 2]};
    if (picture->colour_count > 0)
        png_set_PLTE(png, info, palette, picture->colour_count);
    if (picture->opacity_count > 0)
        png_set_tRNS(png, info, picture->opacity, picture->opacity_count, NULL);
    png_write_info(png, info);
    int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++)
        for (unsigned y = 0; y < picture->height; y++)
            png_write_row(png, picture->rows + y * picture->row_bytes);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
}

void picture_make_jpeg(const unsigned char *pixels, unsigned width, unsigned height, int channels, bool progressive, struct ocelot_text *out)
{
    static const J_COLOR_SPACE spaces[] = {JCS_UNKNOWN, JCS_GRAYSCALE, JCS_UNKNOWN, JCS_RGB, JCS_CMYK};
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors; /* exits on errors: the test then fails */
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &size);
    jpeg.image_width = width;
    jpeg.image_height = height;
    jpeg.input_components = channels;
    jpeg.in_color_space = spaces[channels];
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 100, TRUE);
    if (progressive)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    for (unsigned y = 0; y < height; y++) {
        unsigned char row[4 * 64];
        for (size_t i = 0; i < (size_t)width * (size_t)channels; i++)
            row[i] = pixels[(size_t)y * width * (size_t)channels + i];
        JSAMPROW rows[] = {row};
        (void)jpeg_write_scanlines(&jpeg, rows, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    ocelot_text_clear(out);
    ocelot_text_append(out, (const char *)bytes, size);
    free(bytes);
}
