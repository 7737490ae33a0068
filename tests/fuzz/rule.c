/* Any bytes as the text of a rule, as the name of a composite, and, cut at the first line end, as a glob and a text. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "rules/rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = size < 4096 ? ocelot_copy_text((const char *)data, size) : NULL;
    if (!text)
        return 0;
    struct ocelot_rule rule = {0};
    struct ocelot_error err = {0};
    enum ocelot_status status = ocelot_rule_parse(text, &rule, &err);
    if (status != err.status || (status == OCELOT_OK && !rule.form) || (status != OCELOT_OK && strlen(err.message) < 10))
        abort();
    if (status == OCELOT_OK && !(isfinite(rule.epsilon) && isfinite(rule.gamma) && isfinite(rule.alpha) && isfinite(rule.beta)))
        abort();
    if (status == OCELOT_OK && strcmp(rule.form->info.name, "alpha-beta") == 0 && fabs(rule.alpha - rule.beta - 1) > 1e-9)
        abort();
    if (ocelot_composite_find(text) && strlen(text) == 0)
        abort();
    char *second = strchr(text, '\n');
    if (second) {
        *second++ = '\0';
        /* Every text matches itself, and a star matches everything. */
        if (ocelot_glob_match(text, second) && !strchr(text, '*') && strcmp(text, second) != 0)
            abort();
    }
    if (!ocelot_glob_match("*", text) || !ocelot_glob_match(text, text))
        abort();
    free(text);
    return 0;
}
