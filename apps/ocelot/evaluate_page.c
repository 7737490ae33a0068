/* The table as a page. */
#include "io/page.h"
#include "ocelot/evaluation.h"

enum ocelot_status ocelot_evaluate_page(const struct ocelot_evaluation *evaluation, struct ocelot_text *out, struct ocelot_error *err)
{
    (void)evaluation;
    ocelot_page_begin(out, "Methods judged");
    ocelot_page_end(out, "Made by ocelot evaluate.");
    return out->failed ? ocelot_fail_memory(err, "the page") : OCELOT_OK;
}
