#include "parity/table_rows.h"

#include <dirent.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "io/rows.h"
#include "support/cmocka_include.h"

enum { PATHS = 100 };
static const char *const folder = OCELOT_SOURCE_DIR "/data";

static bool ends(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static bool is_table(const char *name)
{
    static const char *const endings[] = {".csv", ".csv.gz", ".npy", ".npy.gz", ".idx3", ".idx3.gz"};
    for (size_t k = 0; k < sizeof endings / sizeof *endings; k++)
        if (ends(name, endings[k]))
            return !ends(name, "-labels.csv");
    return false;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **table_paths(void)
{
    char **paths = ocelot_allocate(PATHS + 1, sizeof *paths);
    size_t count = 0;
    DIR *directory = opendir(folder);
    assert_non_null(paths);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (!is_table(entry->d_name))
            continue;
        size_t size = strlen(folder) + strlen(entry->d_name) + 2;
        assert_true(count < PATHS);
        paths[count] = malloc(size);
        assert_non_null(paths[count]);
        snprintf(paths[count++], size, "%s/%s", folder, entry->d_name);
    }
    closedir(directory);
    qsort(paths, count, sizeof *paths, by_text);
    return paths;
}

void table_paths_free(char **paths)
{
    for (size_t k = 0; paths[k]; k++)
        free(paths[k]);
    free(paths);
}

/* Opens with those of the columns id, date and label dropped that the table has: date is text, and a column that is dropped must be there. */
static struct ocelot_rows *open_rows(const char *path)
{
    static const char *const others[][2] = {{"id", "label"}, {"date", NULL}, {NULL, NULL}};
    struct ocelot_error err = {0};
    struct ocelot_rows *rows = NULL;
    for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
        struct ocelot_rows_options options = {.drop = others[k], .drop_count = others[k][1] ? 2 : others[k][0] ? 1 : 0};
        if (ocelot_rows_open(path, &options, &rows, &err) == OCELOT_OK)
            return rows;
    }
    fail_msg("%s", err.message);
    return NULL;
}

static bool usable(const struct ocelot_row_batch *batch, size_t r)
{
    bool finite = !batch->error[r];
    for (size_t i = 0; finite && i < batch->width; i++)
        finite = isfinite(batch->values[r * batch->width + i]);
    return finite;
}

/* Every third row goes behind the others. */
static void deal(struct table_rows *table)
{
    double *dealt = ocelot_allocate(table->count * table->width, sizeof *dealt);
    size_t next = 0;
    assert_non_null(dealt);
    for (int tested = 0; tested < 2; tested++) {
        for (size_t r = 0; r < table->count; r++)
            if ((r % 3 == 2) == tested)
                memcpy(dealt + next++ * table->width, table->rows + r * table->width, table->width * sizeof *dealt);
        table->trained = tested ? table->trained : next;
    }
    free(table->rows);
    table->rows = dealt;
}

void table_rows_read(const char *path, size_t most, struct table_rows *out)
{
    struct ocelot_rows *rows = open_rows(path);
    struct ocelot_row_batch batch = {0};
    struct ocelot_error err = {0};
    *out = (struct table_rows){.width = ocelot_rows_width(rows)};
    snprintf(out->name, sizeof out->name, "%s", strrchr(path, '/') + 1);
    for (size_t i = 0; i < out->width; i++) {
        const char *name = ocelot_rows_column(rows, i);
        assert_true(!name || (strcmp(name, "id") != 0 && strcmp(name, "label") != 0));
    }
    out->rows = ocelot_allocate(most * out->width, sizeof *out->rows);
    assert_non_null(out->rows);
    do {
        assert_int_equal(ocelot_rows_read(rows, 64, &batch, &err), OCELOT_OK);
        for (size_t r = 0; r < batch.count && out->count < most; r++)
            if (usable(&batch, r))
                memcpy(out->rows + out->count++ * out->width, batch.values + r * out->width, out->width * sizeof *out->rows);
    } while (batch.count > 0 && out->count < most);
    ocelot_rows_close(rows);
    assert_true(out->count >= 30);
    deal(out);
}
