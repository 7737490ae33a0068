/* Pictures out of files: every kind of PNG, JPEG and PNM, and what hostile files get. */
#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "io/image.h"
#include "support/cmocka_include.h"
#include "support/pictures.h"

static void assert_pixels(const void *bytes, size_t size, size_t width, size_t height, size_t channels, const char *expected)
{
    struct ocelot_image image = {0};
    struct ocelot_error err = {0};
    if (ocelot_image_read_memory(bytes, size, "x", &image, &err) != OCELOT_OK)
        fail_msg("%s", err.message);
    assert_int_equal(image.width, width);
    assert_int_equal(image.height, height);
    assert_int_equal(image.channels, channels);
    assert_memory_equal(image.pixels, expected, width * height * channels);
    ocelot_image_free(&image);
}

static void assert_refused(const void *bytes, size_t size, enum ocelot_status status, const char *part)
{
    struct ocelot_image image = {0};
    struct ocelot_error err = {0};
    assert_int_equal(ocelot_image_read_memory(bytes, size, "bad.png", &image, &err), status);
    assert_int_equal(err.status, status);
    assert_ptr_equal(strstr(err.message, "bad.png: "), err.message);
    if (strstr(err.message, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.message, part);
    assert_null(image.pixels);
}

static const unsigned char colours[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7};
static const unsigned char opacity[] = {255, 0, 128};

static const struct {
    struct picture_png file;
    size_t channels;
    const char *expected;
} pngs[] = {
    {{2, 2, 8, PNG_COLOR_TYPE_GRAY, false, (const unsigned char *)"\0\1\376\377", 2, NULL, 0, NULL, 0}, 1, "\0\1\376\377"},
    {{2, 2, 8, PNG_COLOR_TYPE_RGB, false, (const unsigned char *)"abcdefghijkl", 6, NULL, 0, NULL, 0}, 3, "abcdefghijkl"},
    {{2, 2, 8, PNG_COLOR_TYPE_RGB, true, (const unsigned char *)"abcdefghijkl", 6, NULL, 0, NULL, 0}, 3, "abcdefghijkl"},
    {{4, 1, 1, PNG_COLOR_TYPE_GRAY, false, (const unsigned char *)"\120", 1, NULL, 0, NULL, 0}, 1, "\0\377\0\377"},
    {{2, 1, 4, PNG_COLOR_TYPE_GRAY, false, (const unsigned char *)"\017", 1, NULL, 0, NULL, 0}, 1, "\0\377"},
    /* 16 bits: v / 257, rounded */
    {{2, 1, 16, PNG_COLOR_TYPE_GRAY, false, (const unsigned char *)"\200\377\1\0", 4, NULL, 0, NULL, 0}, 1, "\200\1"},
    {{1, 1, 16, PNG_COLOR_TYPE_RGB, false, (const unsigned char *)"\0\0\377\377\1\1", 6, NULL, 0, NULL, 0}, 3, "\0\377\1"},
    {{2, 1, 8, PNG_COLOR_TYPE_PALETTE, false, (const unsigned char *)"\0\3", 2, colours, 4, NULL, 0}, 3, "\377\0\0\11\10\7"},
    /* opaque red, nothing at all, half of blue: over white; colours behind the opacities are opaque */
    {{4, 1, 8, PNG_COLOR_TYPE_PALETTE, false, (const unsigned char *)"\0\1\2\3", 4, colours, 4, opacity, 3},
     3,
     "\377\0\0\377\377\377\177\177\377\11\10\7"},
    {{2, 1, 8, PNG_COLOR_TYPE_RGBA, true, (const unsigned char *)"abc\377\0\0\0\100", 8, NULL, 0, NULL, 0}, 3, "abc\277\277\277"},
    {{2, 1, 8, PNG_COLOR_TYPE_GRAY_ALPHA, false, (const unsigned char *)"a\377b\0", 4, NULL, 0, NULL, 0}, 1, "a\377"},
};

static void png_of_every_kind(void **state)
{
    struct ocelot_text file = {0};
    (void)state;
    for (size_t i = 0; i < sizeof pngs / sizeof pngs[0]; i++) {
        picture_make_png(&pngs[i].file, &file);
        assert_true(ocelot_image_recognise(file.bytes, OCELOT_IMAGE_HEAD));
        assert_pixels(file.bytes, file.length, pngs[i].file.width, pngs[i].file.height, pngs[i].channels, pngs[i].expected);
    }
    ocelot_text_free(&file);
}

/* Every shorter file is an error, and no byte of another value does more than change pixels or give one. */
static void cut_and_bent(const struct ocelot_text *file)
{
    char *copy = malloc(file->length);
    assert_non_null(copy);
    for (size_t length = 1; length < file->length; length++) {
        memcpy(copy, file->bytes, length);
        assert_refused(copy, length, OCELOT_E_FORMAT, "");
    }
    for (size_t at = 0; at < file->length; at++)
        for (unsigned bit = 1; bit < 256; bit *= 4) {
            struct ocelot_image image = {0};
            struct ocelot_error err = {0};
            memcpy(copy, file->bytes, file->length);
            copy[at] = (char)((unsigned char)copy[at] ^ bit);
            enum ocelot_status status = ocelot_image_read_memory(copy, file->length, "x", &image, &err);
            assert_true((status == OCELOT_OK) == (image.pixels != NULL) && status == err.status);
            ocelot_image_free(&image);
        }
    free(copy);
}

static void broken_png(void **state)
{
    struct ocelot_text file = {0};
    (void)state;
    for (size_t i = 0; i < sizeof pngs / sizeof pngs[0]; i++) {
        picture_make_png(&pngs[i].file, &file);
        cut_and_bent(&file);
    }
    ocelot_text_free(&file);
}

static void put_size(struct ocelot_text *file, unsigned width, unsigned height)
{
    const unsigned extents[] = {width, height};
    for (size_t k = 0; k < 8; k++)
        file->bytes[16 + k] = (char)(extents[k / 4] >> (24 - 8 * (k % 4)) & 0xff);
    unsigned long crc = 0xffffffffUL; /* of "IHDR" and its 13 bytes */
    for (size_t k = 12; k < 29; k++) {
        crc ^= (unsigned char)file->bytes[k];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320UL : crc >> 1;
    }
    crc ^= 0xffffffffUL;
    for (size_t k = 0; k < 4; k++)
        file->bytes[29 + k] = (char)(crc >> (24 - 8 * k) & 0xff);
}

/* Headers that claim much: refused before memory is asked for. */
static void png_bombs(void **state)
{
    struct ocelot_text file = {0};
    (void)state;
    picture_make_png(&pngs[1].file, &file);
    put_size(&file, 9999, 9999);
    assert_refused(file.bytes, file.length, OCELOT_E_FORMAT, "9999 x 9999 pixels cannot be in");
    put_size(&file, 100000, 99999);
    assert_refused(file.bytes, file.length, OCELOT_E_FORMAT, "cannot be in");
    put_size(&file, 0x7fffffff, 0x7fffffff);
    assert_refused(file.bytes, file.length, OCELOT_E_FORMAT, "");
    put_size(&file, 0, 5);
    assert_refused(file.bytes, file.length, OCELOT_E_FORMAT, "");
    ocelot_text_free(&file);
}

enum { SIDE = 16 };

static void jpeg_of_every_kind(void **state)
{
    unsigned char pixels[SIDE * SIDE * 4];
    struct ocelot_text file = {0};
    (void)state;
    for (int channels = 1; channels <= 4; channels++) {
        for (size_t i = 0; i < sizeof pixels; i++)
            pixels[i] = (unsigned char)(60 + 40 * (i % (size_t)channels));
        for (int progressive = 0; progressive < 2 && channels != 2; progressive++) {
            struct ocelot_image image = {0};
            struct ocelot_error err = {0};
            picture_make_jpeg(pixels, SIDE, SIDE, channels, progressive, &file);
            assert_int_equal(ocelot_image_read_memory(file.bytes, file.length, "x", &image, &err), OCELOT_OK);
            assert_int_equal(image.width, SIDE);
            assert_int_equal(image.height, SIDE);
            assert_int_equal(image.channels, channels == 1 ? 1 : 3);
            for (size_t i = 0; i < (size_t)SIDE * SIDE * image.channels; i++) {
                /* Ink comes as Adobe has it, light inverted: pixel = ink * key / 255. One colour throughout loses little: 2 levels. */
                int ink = 60 + 40 * (int)(i % image.channels), expected = channels == 4 ? ink * 180 / 255 : ink;
                assert_in_range(image.pixels[i], expected - 2, expected + 2);
            }
            ocelot_image_free(&image);
        }
    }
    ocelot_text_free(&file);
}

static void broken_jpeg(void **state)
{
    unsigned char pixels[SIDE * SIDE * 3];
    struct ocelot_text file = {0};
    (void)state;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (unsigned char)(i * i * 7);
    for (int progressive = 0; progressive < 2; progressive++) {
        picture_make_jpeg(pixels, SIDE, SIDE, 3, progressive, &file);
        cut_and_bent(&file);
    }
    ocelot_text_free(&file);
}

static void jpeg_bomb(void **state)
{
    unsigned char pixels[SIDE * SIDE] = {0};
    struct ocelot_text file = {0};
    (void)state;
    picture_make_jpeg(pixels, SIDE, SIDE, 1, false, &file);
    for (size_t k = 0; k + 8 < file.length; k++)
        if ((unsigned char)file.bytes[k] == 0xff && (unsigned char)file.bytes[k + 1] == 0xc0)
            memcpy(file.bytes + k + 5, "\377\377\377\377", 4); /* height and width 65535, which libjpeg itself refuses */
    assert_refused(file.bytes, file.length, OCELOT_E_FORMAT, "");
    for (size_t k = 0; k + 8 < file.length; k++)
        if ((unsigned char)file.bytes[k] == 0xff && (unsigned char)file.bytes[k + 1] == 0xc0)
            memcpy(file.bytes + k + 5, "\300\0\300\0", 4); /* 49152 each */
    assert_refused(file.bytes, file.length, OCELOT_E_LIMIT, "49152 x 49152 pixels");
    ocelot_text_free(&file);
}

static void pnm_of_every_kind(void **state)
{
    static const struct {
        const char *file;
        size_t size, width, height, channels;
        const char *expected;
    } files[] = {
        {"P1\n3 2\n101\n0 1 0", 16, 3, 2, 1, "\0\377\0\377\0\377"},
        {"P2 # grey\n2 2 # size\n15\n0 15 5\n10\n", 34, 2, 2, 1, "\0\377\125\252"},
        {"P3\n1 2\n255\n1 2 3\n4 5 255\n", 26, 1, 2, 3, "\1\2\3\4\5\377"},
        {"P4\n9 2\n\200\200\0\0", 11, 9, 2, 1, "\0\377\377\377\377\377\377\377\0\377\377\377\377\377\377\377\377\377"},
        {"P5 2 1 255\n\0\377", 13, 2, 1, 1, "\0\377"},
        {"P5 2 1 65535\n\200\377\377\377", 17, 2, 1, 1, "\200\377"},
        {"P6\n1 1\n255\nabc and more", 23, 1, 1, 3, "abc"},
        {"P6\n1 1\n51\n\0\1\63", 13, 1, 1, 3, "\0\5\377"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        assert_pixels(files[i].file, files[i].size, files[i].width, files[i].height, files[i].channels, files[i].expected);
}

static void broken_pnm(void **state)
{
    static const struct {
        const char *file;
        size_t size;
        enum ocelot_status status;
        const char *part;
    } files[] = {
        {"P5", 2, OCELOT_E_FORMAT, "is no picture"},
        {"P7\nWIDTH", 8, OCELOT_E_FORMAT, "is no picture"},
        {"P5 2", 4, OCELOT_E_FORMAT, "the height is missing"},
        {"P5 2 2 255", 10, OCELOT_E_FORMAT, "a blank must follow"},
        {"P5 2 2 255\nabc", 14, OCELOT_E_FORMAT, "is cut off"},
        {"P5 2 2 0\nabcd", 13, OCELOT_E_FORMAT, "the largest sample is 0"},
        {"P5 2 2 65536\nabcdefgh", 21, OCELOT_E_FORMAT, "more than 65535"},
        {"P5 0 2 255\n", 11, OCELOT_E_FORMAT, "0 x 2"},
        {"P5 99999999 99999999 255\nabcd", 29, OCELOT_E_FORMAT, "cannot be in"},
        {"P5 99999999999999999999999 9 255\nabcd", 37, OCELOT_E_FORMAT, "the width is more than"},
        {"P2 2 1 7\n3 8\n", 13, OCELOT_E_FORMAT, "a sample is more than 7"},
        {"P2 2 1 7\n3     ", 15, OCELOT_E_FORMAT, "a sample is missing"},
        {"P1 2 1\n02", 9, OCELOT_E_FORMAT, "neither 0 nor 1"},
        {"P5 1 1 9\n\12", 10, OCELOT_E_FORMAT, "a sample is more than 9"},
        {"", 0, OCELOT_E_FORMAT, "is empty"},
        {"GIF89a", 6, OCELOT_E_FORMAT, "is no picture that can be read (PNG, JPEG or PNM)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        assert_refused(files[i].file, files[i].size, files[i].status, files[i].part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_of_every_kind), cmocka_unit_test(broken_png), cmocka_unit_test(png_bombs),         cmocka_unit_test(jpeg_of_every_kind),
        cmocka_unit_test(broken_jpeg),       cmocka_unit_test(jpeg_bomb),  cmocka_unit_test(pnm_of_every_kind), cmocka_unit_test(broken_pnm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
