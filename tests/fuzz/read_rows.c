#include "read_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is left of a file when it has been read. */
struct outcome {
    enum ocelot_status status;
    size_t rows, errors, values, letters;
    double sum;
};

static void must(bool held)
{
    if (!held)
        abort();
}

static void add_text(struct outcome *outcome, const char *text)
{
    if (text != NULL)
        outcome->letters += strlen(text);
}

static void add_batch(struct outcome *outcome, const struct ocelot_row_batch *batch)
{
    must(batch->first_row == outcome->rows);
    outcome->rows += batch->count;
    for (size_t row = 0; row < batch->count; row++) {
        outcome->errors += batch->error[row] != NULL;
        add_text(outcome, batch->error[row]);
        add_text(outcome, batch->id != NULL ? batch->id[row] : NULL);
        add_text(outcome, batch->label_text != NULL ? batch->label_text[row] : NULL);
        bool finite = true;
        for (size_t i = 0; i < batch->width; i++) {
            double value = batch->values[row * batch->width + i];
            finite = finite && isfinite(value);
            if (isfinite(value) && fabs(value) < 1e6)
                outcome->sum += floor(value); /* whole numbers: the order does not matter */
        }
        must(finite || batch->error[row] != NULL); /* nothing unusable without a sentence */
    }
}

static struct outcome read_by(const uint8_t *data, size_t size, const struct ocelot_rows_options *options, size_t max)
{
    struct outcome outcome = {0};
    struct ocelot_rows *rows = NULL;
    struct ocelot_error err = {0};
    struct ocelot_row_batch batch;
    outcome.status = ocelot_rows_open_memory(data, size, "fuzz", options, &rows, &err);
    while (outcome.status == OCELOT_OK) {
        outcome.status = ocelot_rows_read(rows, max, &batch, &err);
        if (outcome.status != OCELOT_OK || batch.count == 0)
            break;
        must(batch.count <= max && batch.width <= (size_t)1 << 25);
        add_batch(&outcome, &batch);
    }
    must(outcome.status == err.status && (outcome.status == OCELOT_OK) == (err.message[0] == '\0'));
    if (rows != NULL)
        for (size_t i = 0; ocelot_rows_column(rows, i) != NULL; i++)
            add_text(&outcome, ocelot_rows_column(rows, i));
    ocelot_rows_close(rows);
    return outcome;
}

void read_rows(const uint8_t *data, size_t size, const struct ocelot_rows_options *options)
{
    struct outcome many = read_by(data, size, options, 1000), one = read_by(data, size, options, 1);
    must(many.status == one.status && many.rows == one.rows && many.errors == one.errors && many.letters == one.letters && many.sum == one.sum);
}
