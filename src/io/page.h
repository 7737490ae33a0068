/* The frame of a page: one HTML file with its style sheet, no script, nothing fetched. */
#ifndef OCELOT_IO_PAGE_H
#define OCELOT_IO_PAGE_H

#include "base/text.h"

/* Everything up to the beginning of <main>. */
void ocelot_page_begin(struct ocelot_text *text, const char *title);
/* A section with its heading; `id` is what links to it name. */
void ocelot_page_section(struct ocelot_text *text, const char *id, const char *heading);
void ocelot_page_section_end(struct ocelot_text *text);
/* `footer` is plain text. */
void ocelot_page_end(struct ocelot_text *text, const char *footer);

/* The style sheet. Light and dark follow the reader's preference. */
extern const char *const ocelot_page_style[]; /* NULL-terminated pieces */

#endif
