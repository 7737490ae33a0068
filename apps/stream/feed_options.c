/* How data are read, as options say it. */
#include "stream/feed.h"

#include <string.h>

#include "base/error.h"

#define AT(member) offsetof(struct ocelot_reader_settings, member)

const struct ocelot_option ocelot_reader_option_table[] = {
    {.name = "input-format",
     .letter = 'i',
     .type = OCELOT_OPTION_CHOICE,
     .offset = AT(input_format),
     .placeholder = "FORMAT",
     .choices = "csv|tsv|libsvm|npy|idx",
     .summary = "what DATA is when it is no picture; without this, known by its content"},
    {.name = "label",
     .letter = 'l',
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(label),
     .placeholder = "COLUMN",
     .summary = "the CSV column (name or number from 1) that is a label, not a feature"},
    {.name = "id", .type = OCELOT_OPTION_TEXT, .offset = AT(id), .placeholder = "COLUMN", .summary = "the CSV column that identifies a row"},
    {.name = "drop",
     .type = OCELOT_OPTION_LIST,
     .offset = AT(drop),
     .placeholder = "COLUMNS",
     .summary = "CSV columns to leave out, separated by commas"},
    {.name = "columns",
     .type = OCELOT_OPTION_LIST,
     .offset = AT(columns),
     .placeholder = "COLUMNS",
     .summary = "CSV columns to take as features, in this order and no others, separated by commas"},
    {.name = "delimiter",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(delimiter),
     .placeholder = "CHARACTER",
     .summary = "what separates CSV columns, such as ';' or tab; detected without this"},
    {.name = "header",
     .type = OCELOT_OPTION_CHOICE,
     .offset = AT(header),
     .placeholder = "WHETHER",
     .choices = "auto|yes|no",
     .fallback = "auto",
     .summary = "whether the first line of a CSV file names the columns"},
    {.name = NULL},
};

enum ocelot_status ocelot_feed_delimiter(const char *text, char *out, struct ocelot_error *err)
{
    *out = 0;
    if (!text) {
        return OCELOT_OK;
    }
    if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0) {
        *out = '\t';
        return OCELOT_OK;
    }
    if (strlen(text) != 1) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--delimiter: found \"%s\", expected one character or tab", text);
    }
    *out = text[0];
    return OCELOT_OK;
}
