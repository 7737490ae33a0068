#include "io/csv_fields.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"

struct ocelot_csv_cursor ocelot_csv_begin(const struct ocelot_line *line, char delimiter)
{
    return (struct ocelot_csv_cursor){.at = line->text, .end = line->text + line->length, .delimiter = delimiter, .quoted = line->quoted};
}

static bool is_blank(char c, char delimiter)
{
    return (c == ' ' || c == '\t') && c != delimiter;
}

/* `at` stands behind the opening quote. Returns what follows the closing one. */
static const char *quoted_field(const char *at, const char *end, struct ocelot_csv_field *out)
{
    out->text = at;
    out->quoted = true;
    for (; at < end; at++) {
        if (*at != '"')
            continue;
        if (at + 1 == end || at[1] != '"')
            break;
        out->doubled = true;
        at++;
    }
    out->length = (size_t)(at - out->text);
    return at < end ? at + 1 : end;
}

bool ocelot_csv_next(struct ocelot_csv_cursor *cursor, struct ocelot_csv_field *out)
{
    if (cursor->done)
        return false;
    *out = (struct ocelot_csv_field){0};
    const char *at = cursor->at, *end = cursor->end;
    while (at < end && is_blank(*at, cursor->delimiter))
        at++;
    if (cursor->quoted && at < end && *at == '"')
        at = quoted_field(at + 1, end, out);
    const char *stop = memchr(at, cursor->delimiter, (size_t)(end - at));
    if (stop == NULL) {
        cursor->done = true;
        stop = end;
    }
    cursor->at = stop + (stop < end ? 1 : 0);
    const char *last = stop;
    while (last > at && is_blank(last[-1], cursor->delimiter))
        last--;
    if (out->quoted) {
        out->broken = last > at;
    } else {
        out->text = at;
        out->length = (size_t)(last - at);
    }
    return true;
}

void ocelot_csv_text(const struct ocelot_csv_field *field, struct ocelot_text *out)
{
    const char *at = field->text, *end = at + field->length;
    while (field->doubled && at < end) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        if (quote == NULL)
            break;
        ocelot_text_append(out, at, (size_t)(quote - at) + 1);
        at = quote + 2;
    }
    if (at < end)
        ocelot_text_append(out, at, (size_t)(end - at));
}

static bool is_missing(const struct ocelot_csv_field *field)
{
    static const char *const words[] = {"", "NA", "?", "N/A", "NULL", "None"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i]) == field->length && strncasecmp(words[i], field->text, field->length) == 0)
            return true;
    return false;
}

enum ocelot_csv_kind ocelot_csv_number(const struct ocelot_csv_field *field, double *value)
{
    const char *text = field->text, *end = text + field->length;
    while (field->quoted && text < end && (*text == ' ' || *text == '\t'))
        text++;
    while (field->quoted && end > text && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    if (text < end && ocelot_number_parse(text, end, value) == end)
        return isnan(*value) ? OCELOT_CSV_MISSING : OCELOT_CSV_NUMBER;
    *value = (double)NAN;
    struct ocelot_csv_field inner = {.text = text, .length = (size_t)(end - text)};
    return is_missing(&inner) ? OCELOT_CSV_MISSING : OCELOT_CSV_WORD;
}

bool ocelot_csv_decimal_comma(const struct ocelot_csv_field *field)
{
    const char *comma = field->length > 0 ? memchr(field->text, ',', field->length) : NULL;
    const char *end = field->text + field->length;
    double ignored;
    return comma != NULL && comma > field->text && comma + 1 < end && comma[1] >= '0' && comma[1] <= '9' &&
           ocelot_number_parse(field->text, comma, &ignored) == comma && ocelot_number_parse(comma + 1, end, &ignored) == end;
}

enum { CANDIDATES = 4, SAMPLE = 20 };
static const char candidates[CANDIDATES] = {',', ';', '\t', '|'};

struct tally {
    size_t count[CANDIDATES];
    bool inner_commas; /* every comma stands between two digits */
    bool open;         /* a quote is still open at the end */
};

static struct tally count_candidates(const char *text, size_t length)
{
    struct tally tally = {.inner_commas = true};
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"')
            tally.open = !tally.open;
        for (size_t c = 0; c < CANDIDATES && !tally.open; c++)
            tally.count[c] += text[i] == candidates[c];
        if (text[i] == ',' && !tally.open &&
            (i == 0 || i + 1 == length || text[i - 1] < '0' || text[i - 1] > '9' || text[i + 1] < '0' || text[i + 1] > '9'))
            tally.inner_commas = false;
    }
    return tally;
}

/* Which candidates occur equally often in every line of the sample. */
static void agree(const struct tally *first, const struct ocelot_line *line, const struct ocelot_window *window, bool agreed[CANDIDATES])
{
    for (size_t c = 0; c < CANDIDATES; c++)
        agreed[c] = first->count[c] > 0;
    const char *at = window->bytes + line->bytes, *end = window->bytes + window->length;
    for (size_t k = 1; k < SAMPLE && !first->open && at < end; k++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = newline != NULL ? (size_t)(newline - at) : 0;
        struct tally tally = count_candidates(at, length);
        if (newline == NULL || tally.open)
            return;
        for (size_t c = 0; c < CANDIDATES && length > 1; c++)
            agreed[c] = agreed[c] && tally.count[c] == first->count[c];
        at = newline + 1;
    }
}

char ocelot_csv_delimiter(const struct ocelot_line *line, const struct ocelot_window *window)
{
    struct tally first = count_candidates(line->text, line->length);
    bool agreed[CANDIDATES], any = false;
    agree(&first, line, window, agreed);
    for (size_t c = 0; c < CANDIDATES; c++)
        any = any || agreed[c];
    size_t best = 0, most = 0;
    for (size_t c = 0; c < CANDIDATES; c++)
        if (first.count[c] > most && (agreed[c] || !any)) {
            best = c;
            most = first.count[c];
        }
    /* 1,5;2,5;3,5: at most one comma a field, each between digits, is a decimal comma and not a delimiter. */
    for (size_t c = 1; c < CANDIDATES && best == 0 && first.inner_commas; c++)
        if (agreed[c] && first.count[c] + 1 >= most)
            best = c;
    return candidates[best];
}

void ocelot_csv_write(const char *text, struct ocelot_text *out)
{
    size_t length = strlen(text);
    bool plain = strpbrk(text, ",;\t|\"\r\n") == NULL && text[0] != ' ' && (length == 0 || text[length - 1] != ' ');
    if (plain) {
        ocelot_text_append(out, text, length);
        return;
    }
    ocelot_text_append(out, "\"", 1);
    for (const char *quote; (quote = strchr(text, '"')) != NULL; text = quote + 1) {
        ocelot_text_append(out, text, (size_t)(quote - text));
        ocelot_text_append(out, "\"\"", 2);
    }
    ocelot_text_string(out, text);
    ocelot_text_append(out, "\"", 1);
}
