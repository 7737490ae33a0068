#include "ocelot/option.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

/* Reads the whole of `text` as a number within the option's bounds. */
static bool number_in_range(const struct ocelot_option *option, const char *text, double *value)
{
    const char *end = text + strlen(text);
    return ocelot_number_parse(text, end, value) == end && *text && isfinite(*value) && *value >= option->low && *value <= option->high;
}

static enum ocelot_status set_flag(const struct ocelot_option *option, const char *text, void *member, struct ocelot_error *err)
{
    if (text)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--%s takes no value, found '%s'", option->name, text);
    *(bool *)member = true;
    return OCELOT_OK;
}

static enum ocelot_status set_number(const struct ocelot_option *option, const char *text, void *member, struct ocelot_error *err)
{
    double value;
    if (!number_in_range(option, text, &value)) {
        char low[OCELOT_NUMBER_SIZE], high[OCELOT_NUMBER_SIZE];
        ocelot_number_print(low, option->low);
        ocelot_number_print(high, option->high);
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--%s: found '%.60s', expected a number from %s to %s", option->name, text, low, high);
    }
    *(double *)member = value;
    return OCELOT_OK;
}

static enum ocelot_status set_count(const struct ocelot_option *option, const char *text, void *member, struct ocelot_error *err)
{
    double value;
    const char *end = text + strlen(text);
    long long whole;
    if (!number_in_range(option, text, &value) || ocelot_integer_parse(text, end, &whole) != end || whole < 0)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--%s: found '%.60s', expected a whole number from %.0f to %.0f", option->name, text, option->low,
                           option->high);
    *(size_t *)member = (size_t)whole;
    return OCELOT_OK;
}

static bool is_choice(const char *choices, const char *text)
{
    size_t length = strlen(text);
    for (const char *word = choices; length && word; word = strchr(word, '|') ? strchr(word, '|') + 1 : NULL)
        if (strcspn(word, "|") == length && strncmp(word, text, length) == 0)
            return true;
    return false;
}

static enum ocelot_status set_choice(const struct ocelot_option *option, const char *text, void *member, struct ocelot_error *err)
{
    double value;
    bool numbers = option->low < option->high;
    if (!is_choice(option->choices, text) && !(numbers && number_in_range(option, text, &value)))
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--%s: found '%.60s', expected %s%s", option->name, text, option->choices,
                           numbers ? " or a number" : "");
    *(const char **)member = text;
    return OCELOT_OK;
}

static enum ocelot_status set_text(const struct ocelot_option *option, const char *text, void *member, struct ocelot_error *err)
{
    (void)option;
    (void)err;
    *(const char **)member = text;
    return OCELOT_OK;
}

static enum ocelot_status set_list(const struct ocelot_option *option, const char *text, void *member, struct ocelot_error *err)
{
    struct ocelot_option_list *list = member;
    if (list->count == OCELOT_OPTION_LIST_MAX)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--%s: given more than %d times", option->name, OCELOT_OPTION_LIST_MAX);
    list->text[list->count++] = text;
    return OCELOT_OK;
}

/* One reader a type. */
static enum ocelot_status (*const setters[])(const struct ocelot_option *, const char *, void *, struct ocelot_error *) = {
    [OCELOT_OPTION_FLAG] = set_flag,     [OCELOT_OPTION_COUNT] = set_count, [OCELOT_OPTION_NUMBER] = set_number,
    [OCELOT_OPTION_CHOICE] = set_choice, [OCELOT_OPTION_TEXT] = set_text,   [OCELOT_OPTION_LIST] = set_list,
};

enum ocelot_status ocelot_option_set(const struct ocelot_option *option, const char *text, void *settings, struct ocelot_error *err)
{
    if (!text && option->type != OCELOT_OPTION_FLAG)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--%s needs a value (%s)", option->name, option->placeholder ? option->placeholder : "VALUE");
    return setters[option->type](option, text, (char *)settings + option->offset, err);
}

/* Sizes of the members, so that what has no default becomes zero. */
static const size_t member_sizes[] = {
    [OCELOT_OPTION_FLAG] = sizeof(bool),         [OCELOT_OPTION_COUNT] = sizeof(size_t),
    [OCELOT_OPTION_NUMBER] = sizeof(double),     [OCELOT_OPTION_CHOICE] = sizeof(const char *),
    [OCELOT_OPTION_TEXT] = sizeof(const char *), [OCELOT_OPTION_LIST] = sizeof(struct ocelot_option_list),
};

void ocelot_options_default(const struct ocelot_option *table, void *settings)
{
    for (; table->name; table++) {
        memset((char *)settings + table->offset, 0, member_sizes[table->type]);
        if (table->fallback) {
            enum ocelot_status status = ocelot_option_set(table, table->fallback, settings, NULL);
            assert(status == OCELOT_OK);
            (void)status;
        }
    }
}

const struct ocelot_option *ocelot_option_find(const struct ocelot_option *table, const char *name, size_t length)
{
    for (; table->name; table++)
        if (strlen(table->name) == length && memcmp(table->name, name, length) == 0)
            return table;
    return NULL;
}
