/* Option tables: one row an option; parsing, range checks, help texts and documentation are all made from the same row. */
#ifndef OCELOT_OPTION_H
#define OCELOT_OPTION_H

#include <stddef.h>

#include "ocelot/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How the text of an option is read and what it is stored as, at `offset` of the settings struct. */
enum ocelot_option_type {
    OCELOT_OPTION_FLAG,   /* bool: no argument; true when given */
    OCELOT_OPTION_COUNT,  /* size_t: whole number within [low, high] */
    OCELOT_OPTION_NUMBER, /* double: finite number within [low, high] */
    OCELOT_OPTION_CHOICE, /* const char *: one of `choices` (separated by '|'), or, where low < high, a number within [low, high] as text */
    OCELOT_OPTION_TEXT,   /* const char *: any text; the string must outlive the settings */
    OCELOT_OPTION_LIST    /* struct ocelot_option_list: any text, the option may be repeated */
};

/* The texts of a repeated option, in the order given. At most OCELOT_OPTION_LIST_MAX of them. */
enum { OCELOT_OPTION_LIST_MAX = 64 };
struct ocelot_option_list {
    size_t count;
    const char *text[OCELOT_OPTION_LIST_MAX];
};

/* One option. A table ends with a row whose name is NULL. */
struct ocelot_option {
    const char *name;             /* long name without dashes, such as "gamma" */
    char letter;                  /* short form, or 0 */
    enum ocelot_option_type type; /* how the text is read */
    size_t offset;                /* offsetof the member that receives it */
    const char *placeholder;      /* what --help calls the argument, such as "FILE"; NULL for flags */
    const char *fallback;         /* default as text, NULL = zero/NULL/false */
    double low, high;             /* inclusive bounds of numbers */
    const char *choices;          /* "a|b|c" for OCELOT_OPTION_CHOICE */
    const char *summary;          /* one line of help */
};

/* Writes every option's default into the settings struct at `settings`. A default that its own row refuses is a bug and asserts. */
OCELOT_API void ocelot_options_default(const struct ocelot_option *table, void *settings);

/* Reads `text` (NULL for flags) as the value of `option` and stores it in `settings`.
 * Fails with OCELOT_E_ARGUMENT and a sentence that names the option, what was found and what was expected. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_option_set(const struct ocelot_option *option, const char *text, void *settings,
                                                                struct ocelot_error *err);

/* The row called `name` (`length` characters, dashes excluded), or NULL. */
OCELOT_API const struct ocelot_option *ocelot_option_find(const struct ocelot_option *table, const char *name, size_t length);

#ifdef __cplusplus
}
#endif

#endif
