#include "io/npy_header.h"

#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "io/excerpt.h"

/* What is left to read, and where the answers go. */
struct parser {
    const char *at, *end, *name;
    struct ocelot_array *array;
    bool fortran;
    struct ocelot_error *err;
};

static void skip_blanks(struct parser *parser)
{
    while (parser->at < parser->end && (*parser->at == ' ' || *parser->at == '\t' || *parser->at == '\n'))
        parser->at++;
}

/* Steps over `c` and the blanks before it; false when something else stands there. */
static bool accept(struct parser *parser, char c)
{
    skip_blanks(parser);
    if (parser->at == parser->end || *parser->at != c)
        return false;
    parser->at++;
    return true;
}

static enum ocelot_status expected(struct parser *parser, const char *what)
{
    size_t left = (size_t)(parser->end - parser->at);
    return ocelot_fail(parser->err, OCELOT_E_FORMAT, "%s: the .npy header is not valid: %s is expected at %s", parser->name, what,
                       ocelot_excerpt(parser->at, left < 24 ? left : 24).text);
}

/* A string in single or double quotes, without escapes. */
static bool string(struct parser *parser, const char **text, size_t *length)
{
    skip_blanks(parser);
    if (parser->at == parser->end || (*parser->at != '\'' && *parser->at != '"'))
        return false;
    const char *close = memchr(parser->at + 1, *parser->at, (size_t)(parser->end - parser->at - 1));
    if (close == NULL)
        return false;
    *text = parser->at + 1;
    *length = (size_t)(close - *text);
    parser->at = close + 1;
    return true;
}

static enum ocelot_status descr(struct parser *parser)
{
    const char *text;
    size_t length;
    if (!string(parser, &text, &length))
        return ocelot_fail(parser->err, OCELOT_E_UNSUPPORTED, "%s: arrays of records are not read; one number type for all values is expected",
                           parser->name);
    bool ordered = length > 0 && strchr("<>|=", text[0]) != NULL && text[0] != '\0';
    const char *kind = text + (ordered ? 1 : 0);
    parser->array->element = ocelot_element_named(kind, length - (ordered ? 1 : 0));
    if (parser->array->element == NULL)
        return ocelot_fail(parser->err, OCELOT_E_UNSUPPORTED, "%s: numbers of type %s are not read; f4, f8, i1 to i8, u1 to u8 and b1 are",
                           parser->name, ocelot_excerpt(text, length).text);
    parser->array->swapped = ordered && ((text[0] == '<' && ocelot_big_endian()) || (text[0] == '>' && !ocelot_big_endian()));
    return OCELOT_OK;
}

static enum ocelot_status fortran_order(struct parser *parser)
{
    static const char *const words[] = {"False", "True"};
    skip_blanks(parser);
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(words[i]);
        if ((size_t)(parser->end - parser->at) >= length && memcmp(parser->at, words[i], length) == 0) {
            parser->at += length;
            parser->fortran = i == 1;
            return OCELOT_OK;
        }
    }
    return expected(parser, "True or False");
}

static enum ocelot_status shape(struct parser *parser)
{
    size_t rank = 0;
    if (!accept(parser, '('))
        return expected(parser, "a shape in parentheses");
    while (!accept(parser, ')')) {
        long long extent = 0;
        const char *stop = ocelot_integer_parse(parser->at, parser->end, &extent);
        if (stop == NULL || extent < 0)
            return expected(parser, "a whole number");
        if (rank == OCELOT_ARRAY_RANK)
            return ocelot_fail(parser->err, OCELOT_E_LIMIT, "%s: the array has more than %d dimensions", parser->name, OCELOT_ARRAY_RANK);
        parser->array->shape[rank++] = (size_t)extent;
        parser->at = stop;
        if (!accept(parser, ',')) {
            if (!accept(parser, ')'))
                return expected(parser, "a comma or a closing parenthesis");
            break;
        }
    }
    parser->array->rank = rank;
    return rank > 0 ? OCELOT_OK : ocelot_fail(parser->err, OCELOT_E_SHAPE, "%s: the array is a single number; rows are expected", parser->name);
}

static const struct {
    const char *name;
    enum ocelot_status (*read)(struct parser *parser);
} keys[] = {{"descr", descr}, {"fortran_order", fortran_order}, {"shape", shape}};
enum { KEYS = sizeof keys / sizeof keys[0] };

static enum ocelot_status member(struct parser *parser, bool seen[KEYS])
{
    const char *text;
    size_t length;
    if (!string(parser, &text, &length))
        return expected(parser, "a key in quotes");
    for (size_t i = 0; i < KEYS; i++) {
        if (strlen(keys[i].name) != length || memcmp(keys[i].name, text, length) != 0)
            continue;
        if (seen[i] || !accept(parser, ':'))
            return expected(parser, seen[i] ? "each key once" : "a colon");
        seen[i] = true;
        return keys[i].read(parser);
    }
    return ocelot_fail(parser->err, OCELOT_E_FORMAT, "%s: the .npy header has an unknown key %s", parser->name, ocelot_excerpt(text, length).text);
}

enum ocelot_status ocelot_npy_header(const char *text, size_t length, const char *name, struct ocelot_array *array, bool *fortran,
                                     struct ocelot_error *err)
{
    struct parser parser = {.at = text, .end = text + length, .name = name, .array = array, .err = err};
    bool seen[KEYS] = {false};
    if (!accept(&parser, '{'))
        return expected(&parser, "{");
    while (!accept(&parser, '}')) {
        enum ocelot_status status = member(&parser, seen);
        if (status != OCELOT_OK)
            return status;
        if (!accept(&parser, ',')) {
            if (!accept(&parser, '}'))
                return expected(&parser, "a comma or }");
            break;
        }
    }
    skip_blanks(&parser);
    if (parser.at != parser.end)
        return expected(&parser, "nothing more");
    for (size_t i = 0; i < KEYS; i++)
        if (!seen[i])
            return ocelot_fail(err, OCELOT_E_FORMAT, "%s: the .npy header lacks '%s'", name, keys[i].name);
    *fortran = parser.fortran;
    return OCELOT_OK;
}
