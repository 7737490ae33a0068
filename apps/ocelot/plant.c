/* ocelot plant: anomalies with known features, planted into a table. */
#include <string.h>

#include "base/size.h"
#include "io/csv_fields.h"
#include "ocelot/commands.h"
#include "ocelot/plant.h"
#include "shell/output.h"
#include "stream/table.h"

struct files {
    const char *output, *truth, *generate, *normal;
    size_t rows;
    bool quiet;
};

struct settings {
    struct files files;
    struct ocelot_plant_options plant;
    struct ocelot_reader_settings reader;
};

#define AT(member) offsetof(struct files, member)

static const struct ocelot_option file_table[] = {
    {.name = "output",
     .letter = 'o',
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(output),
     .placeholder = "FILE.csv",
     .summary = "write the table to FILE.csv; without this, to standard output"},
    {.name = "truth",
     .letter = 't',
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(truth),
     .placeholder = "FILE.csv",
     .summary = "write which features were changed in which rows: what evaluate --truth reads"},
    {.name = "normal",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(normal),
     .placeholder = "LABEL",
     .summary = "take only rows with this label (of the --label column, or of LIBSVM data)"},
    {.name = "generate",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(generate),
     .placeholder = "SPEC",
     .summary = "make the rows instead of reading DATA: blocks:20x5x0.95 = 20 features in blocks of 5, normal with a correlation of 0.95 in a block"},
    {.name = "rows",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(rows),
     .placeholder = "N",
     .low = 1,
     .high = 1e12,
     .fallback = "1000",
     .summary = "--generate: number of rows"},
    {.name = "quiet", .letter = 'q', .type = OCELOT_OPTION_FLAG, .offset = AT(quiet), .summary = "say nothing on standard error but errors"},
    {.name = NULL},
};

static const struct ocelot_option_group groups[] = {
    {"Files", file_table, offsetof(struct settings, files)},
    {"Anomalies", ocelot_plant_option_table, offsetof(struct settings, plant)},
    {"Reading data", ocelot_reader_option_table, offsetof(struct settings, reader)},
    {.table = NULL},
};

/* --- the table ------------------------------------------------------------------------------------------------------------------- */

static enum ocelot_status generate(const struct settings *settings, struct ocelot_table *table, struct ocelot_error *err)
{
    size_t size = 0;
    enum ocelot_status status = ocelot_plant_parse(settings->files.generate, &table->width, err);
    if (status) {
        return status;
    }
    table->count = settings->files.rows;
    table->first_index = 1;
    table->values = ocelot_size_multiply(table->count, table->width, &size) ? ocelot_allocate(size, sizeof *table->values) : NULL;
    if (!table->values) {
        (void)ocelot_fail_memory(err, "the table");
        return OCELOT_E_MEMORY;
    }
    return ocelot_plant_generate(settings->files.generate, table->count, settings->plant.seed, table->values, err);
}

static enum ocelot_status read_table(const struct ocelot_invocation *invocation, struct ocelot_table *table, struct ocelot_error *err)
{
    const struct settings *settings = invocation->settings;
    const char *path = invocation->operands[0];
    enum ocelot_status status = ocelot_table_read(table, path, &settings->reader, settings->files.normal, err);
    if (!status && table->count == 0) {
        status = ocelot_fail(err, OCELOT_E_VALUE, "%s: found no rows to plant anomalies into", path);
    }
    if (!status && table->skipped && !settings->files.quiet) {
        ocelot_remark(invocation->program, "%zu of %zu rows left out for missing values; the first: %s", table->skipped, table->read - table->other,
                      table->first_skipped);
    }
    return status;
}

/* The feature's name, LIBSVM's where it has none, into `text`, which is cleared. */
static const char *name_of(const struct ocelot_table *table, size_t i, struct ocelot_text *text)
{
    if (table->names) {
        return table->names[i];
    }
    ocelot_text_clear(text);
    ocelot_text_format(text, "f%ld", (long)i + table->first_index);
    return text->failed ? "" : text->bytes;
}

/* What our own readers would take for something else. */
static enum ocelot_status check_names(const struct ocelot_table *table, struct ocelot_error *err)
{
    for (size_t i = 0; table->names && i < table->width; i++) {
        const char *name = table->names[i];
        if (strcmp(name, "id") == 0 || strcmp(name, "label") == 0) {
            return ocelot_fail(err, OCELOT_E_ARGUMENT,
                               "a feature is called %s, as a column that is written beside the features: name it with --%s or "
                               "--drop",
                               name, name);
        }
        if (strchr(name, ';')) {
            return ocelot_fail(err, OCELOT_E_ARGUMENT, "the feature %.100s has a semicolon in its name, which separates features in the truth", name);
        }
    }
    return OCELOT_OK;
}

/* --- writing --------------------------------------------------------------------------------------------------------------------- */

static enum ocelot_status write_header(const struct ocelot_table *table, struct ocelot_output *output, struct ocelot_error *err)
{
    struct ocelot_text text = {0}, name = {0};
    ocelot_text_string(&text, "id,");
    for (size_t i = 0; i < table->width; i++) {
        ocelot_csv_write(name_of(table, i, &name), &text);
        ocelot_text_append(&text, ",", 1);
    }
    ocelot_text_string(&text, "label\n");
    enum ocelot_status status = text.failed || name.failed ? ocelot_fail_memory(err, "the header") : ocelot_output_write(output, &text, err);
    ocelot_text_free(&text);
    ocelot_text_free(&name);
    return status;
}

static enum ocelot_status write_table(const struct ocelot_table *table, const struct ocelot_planting *planting, const char *path,
                                      struct ocelot_error *err)
{
    struct ocelot_output output = {0};
    struct ocelot_text text = {0};
    size_t k = 0;
    enum ocelot_status status = ocelot_output_open(&output, path, false, err);
    status = status ? status : write_header(table, &output, err);
    for (size_t r = 0; r < table->count && !status; r++) {
        while (k < ocelot_planting_count(planting) && ocelot_planting_at(planting, k).end <= r) {
            k++;
        }
        ocelot_text_clear(&text);
        ocelot_text_format(&text, "%zu,", r);
        for (size_t i = 0; i < table->width; i++) {
            ocelot_text_number(&text, table->values[r * table->width + i]);
            ocelot_text_append(&text, ",", 1);
        }
        bool planted = k < ocelot_planting_count(planting) && ocelot_planting_at(planting, k).first <= r;
        ocelot_text_string(&text, planted ? "1\n" : "0\n");
        status = ocelot_output_write(&output, &text, err);
    }
    status = status ? status : ocelot_output_finish(&output, err);
    ocelot_output_discard(&output);
    ocelot_text_free(&text);
    return status;
}

/* A line an anomaly: of single rows `row`, of longer ones `start` and `end`. */
static enum ocelot_status write_truth(const struct ocelot_table *table, const struct ocelot_planting *planting, const struct settings *settings,
                                      struct ocelot_error *err)
{
    struct ocelot_output output = {0};
    struct ocelot_text text = {0}, name = {0}, list = {0};
    bool single = settings->plant.length <= 1, blanks = false;
    for (size_t i = 0; table->names && i < table->width; i++) {
        blanks = blanks || strpbrk(table->names[i], " \t");
    }
    ocelot_text_string(&text, single ? "row,features,kind\n" : "start,end,features,kind\n");
    for (size_t k = 0; k < ocelot_planting_count(planting); k++) {
        struct ocelot_planted planted = ocelot_planting_at(planting, k);
        ocelot_text_format(&text, single ? "%zu," : "%zu,%zu,", planted.first, planted.end);
        ocelot_text_clear(&list);
        for (size_t n = 0; n < planted.count; n++) {
            ocelot_text_string(&list, n == 0 ? "" : blanks ? ";" : " ");
            ocelot_text_string(&list, name_of(table, planted.features[n], &name));
        }
        ocelot_csv_write(list.failed ? "" : list.bytes, &text);
        ocelot_text_format(&text, ",%s\n", planted.kind);
    }
    bool failed = text.failed || name.failed || list.failed;
    enum ocelot_status status = failed ? ocelot_fail_memory(err, "the truth") : ocelot_output_open(&output, settings->files.truth, false, err);
    status = status ? status : ocelot_output_write(&output, &text, err);
    status = status ? status : ocelot_output_finish(&output, err);
    ocelot_output_discard(&output);
    ocelot_text_free(&text);
    ocelot_text_free(&name);
    ocelot_text_free(&list);
    return status;
}

/* --- the command ----------------------------------------------------------------------------------------------------------------- */

static enum ocelot_status check_files(const struct ocelot_invocation *invocation, struct ocelot_error *err)
{
    const struct files *files = &((const struct settings *)invocation->settings)->files;
    if ((invocation->operand_count > 0) == (files->generate != NULL)) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "plant: %s; usage: plant %s",
                           files->generate ? "rows are either read or made with --generate" : "no data given", invocation->command->usage[0]);
    }
    if (files->truth && (strcmp(files->truth, "-") == 0 || (files->output && strcmp(files->truth, files->output) == 0))) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "plant: the truth is written to a file of its own");
    }
    if (files->generate) {
        return OCELOT_OK;
    }
    enum ocelot_status status = ocelot_output_spare(files->output, invocation->operands[0], err);
    return status ? status : ocelot_output_spare(files->truth, invocation->operands[0], err);
}

static enum ocelot_status plant(const struct ocelot_invocation *invocation, struct ocelot_table *table, struct ocelot_planting **planting,
                                struct ocelot_error *err)
{
    const struct settings *settings = invocation->settings;
    enum ocelot_status status = check_files(invocation, err);
    if (!status) {
        status = settings->files.generate ? generate(settings, table, err) : read_table(invocation, table, err);
    }
    status = status ? status : check_names(table, err);
    status = status ? status : ocelot_plant(table->values, table->count, table->width, &settings->plant, planting, err);
    status = status ? status : write_table(table, *planting, settings->files.output, err);
    return status || !settings->files.truth ? status : write_truth(table, *planting, settings, err);
}

/* A share that is rounded to no anomaly at all is hardly what was meant. */
static void tell_nothing(const struct ocelot_invocation *invocation, const struct ocelot_planting *planting, size_t rows)
{
    const struct ocelot_plant_options *options = &((const struct settings *)invocation->settings)->plant;
    if (ocelot_planting_count(planting) == 0 && options->share > 0) {
        ocelot_remark(invocation->program,
                      "a share of %g of %zu rows is less than half of an anomaly of %zu row%s: ask for --count or a larger --share", options->share,
                      rows, options->length, options->length == 1 ? "" : "s");
    }
}

static int run(const struct ocelot_invocation *invocation)
{
    const struct settings *settings = invocation->settings;
    struct ocelot_table table = {0};
    struct ocelot_planting *planting = NULL;
    struct ocelot_error err = {0};
    int result;
    if (plant(invocation, &table, &planting, &err)) {
        result = ocelot_complain(invocation->program, &err);
    } else {
        result = table.skipped ? OCELOT_EXIT_ROWS : OCELOT_EXIT_DONE;
        if (!settings->files.quiet) {
            tell_nothing(invocation, planting, table.count);
            ocelot_remark(invocation->program, "planted %zu anomalies into %zu rows of %zu features", ocelot_planting_count(planting), table.count,
                          table.width);
        }
    }
    ocelot_planting_free(planting);
    ocelot_table_free(&table);
    return result;
}

const struct ocelot_command ocelot_command_plant = {
    .name = "plant",
    .summary = "plant anomalies into a table, so that it is known which features are to blame",
    .usage = (const char *const[]){"[options] DATA", "[options] --generate SPEC", NULL},
    .description =
        "Reads rows that are normal, or makes them, changes some features of some of them, and writes the table as CSV, with a number for an id and "
        "a label, 1 for the rows that were changed. --truth writes which features these are, for `ocelot evaluate --truth`. The rest of the table "
        "stays as it was.\n\n"
        "Kinds of anomalies: shift (one feature moves by 5 standard deviations), several (two to four move, together by as much), correlation (one "
        "or "
        "two features get the values of another row: each value is a usual one, together they are not), subspace (two or three correlated features "
        "move where they vary least), density (one or two features move off the row's nearest neighbours, within the range of the table). Equal "
        "rows, "
        "options and seeds give equal bytes.",
    .groups = groups,
    .examples =
        (const struct ocelot_example[]){{"ocelot plant pumps.csv --kind correlation --share 0.2 --truth truth.csv -o planted.csv",
                                         "Breaks the correlations of a fifth of the rows."},
                                        {"ocelot plant --generate blocks:20x5x0.95 --rows 2000 --kind correlation --truth truth.csv -o planted.csv",
                                         "Makes 2000 rows of four blocks of five features, and breaks the correlations of some."},
                                        {"ocelot plant pumps.csv --length 10 --count 5 --features 3 --kind several --truth truth.csv -o planted.csv",
                                         "Plants five incidents of ten rows each."},
                                        {NULL, NULL}},
    .settings_size = sizeof(struct settings),
    .least = 0,
    .most = 1,
    .run = run,
};
