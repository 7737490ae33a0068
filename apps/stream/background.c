#include "stream/background.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "shell/command.h"
#include "stream/table.h"

#define AT(member) offsetof(struct ocelot_comparison_settings, member)

const struct ocelot_option ocelot_comparison_option_table[] = {
    {.name = "background",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(background),
     .placeholder = "FILE",
     .summary = "rows of normal data, in any format of DATA, for methods that compare with them; without this, the support vectors of a one-class "
                "model"},
    {.name = "background-rows",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(background_rows),
     .placeholder = "N",
     .low = 0,
     .high = 1e9,
     .fallback = "200",
     .summary = "draw N of them; more are more exact and cost more; 0 = all"},
    {.name = "background-label",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(background_label),
     .placeholder = "COLUMN=LABEL",
     .summary = "take only rows of FILE with this label in that column, as train --label COLUMN --normal LABEL"},
    {.name = "background-seed",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(background_seed),
     .placeholder = "N",
     .high = 1e15,
     .fallback = "1",
     .summary = "of the draw"},
    {.name = "groups",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(groups),
     .placeholder = "GROUPS",
     .summary =
         "features that count as one: a CSV file of lines group,feature; prefix:_ (what stands before the first _ of their names); blocks:N (N "
         "consecutive ones); patches:N (squares of N x N pixels). Others stand alone"},
    {.name = NULL},
};

/* SplitMix64 (Steele, Lea and Flood 2014), below `bound`; the bias of the remainder is below 2^-20 for 2^44 rows. */
static size_t below(uint64_t *state, size_t bound)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (size_t)((z ^ (z >> 31)) % bound);
}

/* Selection sampling (Knuth, volume 2, algorithm S): every set of `wanted` rows is equally likely. */
static size_t draw(double *values, size_t count, size_t width, size_t wanted, uint64_t seed)
{
    size_t kept = 0;
    for (size_t r = 0; r < count && kept < wanted; r++) {
        if (below(&seed, count - r) < wanted - kept) {
            memmove(values + kept++ * width, values + r * width, width * sizeof *values);
        }
    }
    return kept;
}

/* How FILE is read: as DATA, except that its labels may be in another column. */
static enum ocelot_status read_label(const struct ocelot_comparison_settings *settings, struct ocelot_reader_settings *reader,
                                     struct ocelot_text *column, const char **label, struct ocelot_error *err)
{
    const char *text = settings->background_label, *end = text ? strrchr(text, '=') : NULL;
    *label = end ? end + 1 : text;
    if (text && !end && !reader->label) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--background-label %.60s: say in which column, COLUMN=LABEL", text);
    }
    if (end) {
        ocelot_text_append(column, text, (size_t)(end - text));
        ocelot_text_append(column, "", 1);
        reader->label = column->bytes;
    }
    return column->failed ? ocelot_fail_memory(err, "the background") : OCELOT_OK;
}

/* DATA's id and label columns count where FILE has them, too; where it has not, its columns have names, and others are not used. */
static enum ocelot_status read_table(struct ocelot_table *table, const struct ocelot_comparison_settings *settings,
                                     const struct ocelot_reader_settings *data, const struct ocelot_model *model, struct ocelot_error *err)
{
    struct ocelot_reader_settings reader = data ? *data : (struct ocelot_reader_settings){0};
    struct ocelot_text column = {0};
    struct ocelot_error first = {0};
    const char *label = NULL;
    enum ocelot_status status = read_label(settings, &reader, &column, &label, &first);
    if (!status) {
        status = ocelot_table_read_all(table, &settings->background, 1, &reader, label, model, &first);
        bool again = reader.id || (reader.label && !label);
        if ((status == OCELOT_E_FORMAT || status == OCELOT_E_SHAPE || status == OCELOT_E_ARGUMENT) && again) {
            ocelot_table_free(table);
            reader.id = NULL;
            reader.label = label ? reader.label : NULL;
            status = ocelot_table_read_all(table, &settings->background, 1, &reader, label, model, NULL);
        }
    }
    ocelot_text_free(&column);
    return status ? ocelot_fail(err, first.status ? first.status : status, "%s", first.message) : OCELOT_OK;
}

enum ocelot_status ocelot_background_read(struct ocelot_background_rows *background, const struct ocelot_comparison_settings *settings,
                                          const struct ocelot_reader_settings *reader, const struct ocelot_model *model,
                                          const struct ocelot_program *program, struct ocelot_error *err)
{
    struct ocelot_table table = {0};
    if (!settings->background) {
        return OCELOT_OK;
    }
    if (strcmp(settings->background, "-") == 0) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--background: give a file; standard input is for the rows to explain");
    }
    enum ocelot_status status = read_table(&table, settings, reader, model, err);
    if (!status && table.count == 0 && table.skipped) {
        status =
            ocelot_fail(err, OCELOT_E_VALUE, "--background: no row of %s can be used; the first: %.300s", settings->background, table.first_skipped);
    } else if (!status && table.count == 0) {
        status = ocelot_fail(err, OCELOT_E_VALUE, "--background: %s holds no rows%s%.100s", settings->background,
                             settings->background_label ? " with label " : "", settings->background_label ? settings->background_label : "");
    }
    if (!status && table.skipped && program) {
        ocelot_remark(program, "--background: %zu of %zu rows of %s cannot be used; the first: %.300s", table.skipped, table.read,
                      settings->background, table.first_skipped);
    }
    if (!status) {
        size_t wanted = settings->background_rows ? settings->background_rows : table.count;
        background->values = table.values;
        background->width = table.width;
        background->count = draw(table.values, table.count, table.width, wanted, settings->background_seed);
        background->first_index = table.first_index;
        background->last_index = table.first_index + (long)table.width - 1;
        table.values = NULL;
    }
    ocelot_table_free(&table);
    return status;
}

void ocelot_background_free(struct ocelot_background_rows *background)
{
    free(background->values);
    *background = (struct ocelot_background_rows){0};
}
