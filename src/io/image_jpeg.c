/* JPEG through libjpeg. Its errors leave by longjmp, its warnings of lost data are errors too: a picture that is cut off is not explained. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

#include "base/error.h"
#include "base/size.h"
#include "io/image_format.h"

/* A progressive file pays few bytes for a scan over all pixels: bounded, as the time would not be. */
enum { SCANS = 200, DECODER_BYTES = 1 << 30 };

struct decoder {
    struct jpeg_error_mgr errors; /* first: libjpeg hands this back */
    struct jpeg_progress_mgr progress;
    struct jpeg_decompress_struct jpeg;
    jmp_buf back;
    const char *name;
    unsigned char *row; /* CMYK: [width][4] */
    struct ocelot_image *out;
    struct ocelot_error *err;
    enum ocelot_status status;
};

static bool recognise(const unsigned char *bytes, size_t length)
{
    return length >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff;
}

static void leave(j_common_ptr jpeg)
{
    struct decoder *d = jpeg->client_data;
    char message[JMSG_LENGTH_MAX];
    if (d->status == OCELOT_OK) {
        jpeg->err->format_message(jpeg, message);
        d->status = jpeg->err->msg_code == JERR_OUT_OF_MEMORY
                        ? ocelot_fail_memory(d->err, "a picture")
                        : ocelot_fail(d->err, OCELOT_E_FORMAT, "%s: is broken or cut off: %s", d->name, message);
    }
    longjmp(d->back, 1);
}

/* Level -1 is a warning: what loses pixels ends the reading, what does not (bytes too many between segments) is let pass. */
static void notice(j_common_ptr jpeg, int level)
{
    if (level < 0 && jpeg->err->msg_code != JWRN_EXTRANEOUS_DATA && jpeg->err->msg_code != JWRN_ADOBE_XFORM)
        leave(jpeg);
}

static void ignore(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void count_scans(j_common_ptr jpeg)
{
    struct decoder *d = jpeg->client_data;
    if (d->jpeg.input_scan_number > SCANS) {
        d->status = ocelot_fail(d->err, OCELOT_E_LIMIT, "%s: a JPEG picture of more than %d scans", d->name, SCANS);
        leave(jpeg);
    }
}

/* Ink (as Adobe writes it, inverted) to light. */
static void take_inks(const struct decoder *d, unsigned char *pixel)
{
    for (size_t x = 0; x < d->out->width; x++) {
        const unsigned char *ink = d->row + 4 * x;
        unsigned key = d->jpeg.saw_Adobe_marker ? ink[3] : 255U - ink[3];
        for (size_t c = 0; c < 3; c++)
            pixel[3 * x + c] = (unsigned char)(((d->jpeg.saw_Adobe_marker ? ink[c] : 255U - ink[c]) * key + 127) / 255);
    }
}

static enum ocelot_status prepare(struct decoder *d)
{
    struct jpeg_decompress_struct *jpeg = &d->jpeg;
    bool grey = jpeg->jpeg_color_space == JCS_GRAYSCALE, inks = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    jpeg->out_color_space = grey ? JCS_GRAYSCALE : inks ? JCS_CMYK : JCS_RGB;
    enum ocelot_status status = ocelot_image_allocate(d->out, jpeg->image_width, jpeg->image_height, grey ? 1 : 3, d->name, d->err);
    if (status == OCELOT_OK && inks) {
        d->row = ocelot_allocate(jpeg->image_width, 4);
        status = d->row != NULL ? OCELOT_OK : ocelot_fail_memory(d->err, "a picture");
    }
    return status;
}

/* The one frame that is jumped to: it changes no variable of its own. */
static void decode(struct decoder *d, const unsigned char *bytes, size_t size)
{
    if (setjmp(d->back))
        return;
    jpeg_create_decompress(&d->jpeg);
    d->jpeg.client_data = d;
    d->jpeg.progress = &d->progress;
    d->jpeg.mem->max_memory_to_use = DECODER_BYTES;
    jpeg_mem_src(&d->jpeg, bytes, size);
    jpeg_read_header(&d->jpeg, TRUE);
    d->status = prepare(d);
    if (d->status != OCELOT_OK)
        return;
    jpeg_start_decompress(&d->jpeg);
    while (d->jpeg.output_scanline < d->jpeg.output_height) {
        unsigned char *pixel = d->out->pixels + d->jpeg.output_scanline * d->out->width * d->out->channels;
        JSAMPROW row = d->row != NULL ? d->row : pixel;
        jpeg_read_scanlines(&d->jpeg, &row, 1);
        if (d->row != NULL)
            take_inks(d, pixel);
    }
    jpeg_finish_decompress(&d->jpeg);
}

static enum ocelot_status read_jpeg(const unsigned char *bytes, size_t size, const char *name, struct ocelot_image *out, struct ocelot_error *err)
{
    struct decoder *d = ocelot_allocate(1, sizeof *d);
    if (d == NULL)
        return ocelot_fail_memory(err, "a picture");
    d->name = name;
    d->out = out;
    d->err = err;
    d->jpeg.err = jpeg_std_error(&d->errors);
    d->jpeg.client_data = d; /* jpeg_create_decompress may fail already */
    d->errors.error_exit = leave;
    d->errors.emit_message = notice;
    d->errors.output_message = ignore;
    d->progress.progress_monitor = count_scans;
    decode(d, bytes, size);
    jpeg_destroy_decompress(&d->jpeg);
    enum ocelot_status status = d->status;
    free(d->row);
    free(d);
    return status;
}

const struct ocelot_image_format ocelot_image_format_jpeg = {.name = "JPEG", .recognise = recognise, .read = read_jpeg};
