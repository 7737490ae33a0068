/* PNM: P1 to P3 as text, P4 to P6 as bytes; bits (1 = black), grey, RGB. Of several pictures in one file the first is read. */
#include "base/error.h"
#include "base/size.h"
#include "io/image_format.h"

struct reader {
    const unsigned char *at, *end;
    const char *name;
    struct ocelot_error *err;
};

/* One row a kind: the digit behind the P. */
static const struct kind {
    bool text, bits;
    size_t channels;
} kinds[] = {{true, true, 1}, {true, false, 1}, {true, false, 3}, {false, true, 1}, {false, false, 1}, {false, false, 3}};

static bool blank(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool recognise(const unsigned char *bytes, size_t length)
{
    return length >= 3 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' && (blank(bytes[2]) || bytes[2] == '#');
}

/* Steps over blanks and comments. */
static void skip(struct reader *reader)
{
    while (reader->at < reader->end && (blank(*reader->at) || *reader->at == '#'))
        if (*reader->at++ == '#')
            while (reader->at < reader->end && *reader->at != '\n')
                reader->at++;
}

static enum ocelot_status read_number(struct reader *reader, const char *what, size_t most, size_t *out)
{
    size_t value = 0, digits = 0;
    skip(reader);
    for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++, digits++)
        value = value > most ? value : 10 * value + (size_t)(*reader->at - '0');
    if (digits == 0)
        return ocelot_fail(reader->err, OCELOT_E_FORMAT, "%s: is broken or cut off: %s is missing", reader->name, what);
    if (value > most)
        return ocelot_fail(reader->err, OCELOT_E_FORMAT, "%s: %s is more than %zu", reader->name, what, most);
    *out = value;
    return OCELOT_OK;
}

static unsigned char scaled(size_t sample, size_t most)
{
    return (unsigned char)(most == 255 ? sample : (sample * 255 + most / 2) / most);
}

static enum ocelot_status read_text(struct reader *reader, const struct kind *kind, size_t most, struct ocelot_image *out)
{
    size_t count = out->width * out->height * kind->channels;
    for (size_t i = 0; i < count; i++) {
        size_t sample = 0;
        if (kind->bits) { /* digits need no blanks between them */
            skip(reader);
            if (reader->at == reader->end || (*reader->at != '0' && *reader->at != '1'))
                return ocelot_fail(reader->err, OCELOT_E_FORMAT, "%s: is broken or cut off: pixel %zu is neither 0 nor 1", reader->name, i);
            sample = *reader->at++ == '0';
        } else {
            enum ocelot_status status = read_number(reader, "a sample", most, &sample);
            if (status != OCELOT_OK)
                return status;
        }
        out->pixels[i] = scaled(sample, most);
    }
    return OCELOT_OK;
}

static enum ocelot_status read_binary(const struct reader *reader, const struct kind *kind, size_t most, struct ocelot_image *out)
{
    size_t row = out->width * kind->channels, row_bytes = kind->bits ? (out->width + 7) / 8 : row * (most > 255 ? 2 : 1);
    for (size_t y = 0; y < out->height; y++) {
        const unsigned char *bytes = reader->at + y * row_bytes;
        for (size_t i = 0; i < row; i++) {
            size_t sample = kind->bits ? (size_t)((bytes[i / 8] >> (7 - i % 8) & 1) == 0)
                                       : (most > 255 ? (size_t)bytes[2 * i] << 8 | bytes[2 * i + 1] : bytes[i]);
            if (sample > most)
                return ocelot_fail(reader->err, OCELOT_E_FORMAT, "%s: a sample is more than %zu", reader->name, most);
            out->pixels[y * row + i] = scaled(sample, most);
        }
    }
    return OCELOT_OK;
}

/* Bytes that the pixels take at least: what a file cannot hold is refused before its memory is asked for. */
static bool fits(const struct reader *reader, const struct kind *kind, size_t width, size_t height, size_t most)
{
    size_t left = (size_t)(reader->end - reader->at), row = width * kind->channels, whole = 0;
    size_t bytes = kind->text ? (kind->bits ? row : 2 * row - 1) : kind->bits ? (width + 7) / 8 : row * (most > 255 ? 2 : 1);
    return ocelot_size_multiply(bytes, height, &whole) && whole <= left;
}

static enum ocelot_status read_pnm(const unsigned char *bytes, size_t size, const char *name, struct ocelot_image *out, struct ocelot_error *err)
{
    struct reader reader = {.at = bytes + 2, .end = bytes + size, .name = name, .err = err};
    const struct kind *kind = &kinds[bytes[1] - '1'];
    size_t width = 0, height = 0, most = 1;
    enum ocelot_status status = read_number(&reader, "the width", OCELOT_IMAGE_PIXELS, &width);
    if (status == OCELOT_OK)
        status = read_number(&reader, "the height", OCELOT_IMAGE_PIXELS, &height);
    if (status == OCELOT_OK && !kind->bits)
        status = read_number(&reader, "the largest sample", 65535, &most);
    if (status != OCELOT_OK)
        return status;
    if (most == 0)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: the largest sample is 0", name);
    if (!kind->text && (reader.at == reader.end || !blank(*reader.at++)))
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: is broken or cut off: a blank must follow the header", name);
    if (width > 0 && height > 0 && !fits(&reader, kind, width, height, most))
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: is cut off: %zu x %zu pixels cannot be in %zu bytes", name, width, height, size);
    status = ocelot_image_allocate(out, width, height, kind->channels, name, err);
    if (status != OCELOT_OK)
        return status;
    return kind->text ? read_text(&reader, kind, most, out) : read_binary(&reader, kind, most, out);
}

const struct ocelot_image_format ocelot_image_format_pnm = {.name = "PNM", .recognise = recognise, .read = read_pnm};
