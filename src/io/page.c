#include "io/page.h"

#include "io/markup.h"
#include "ocelot/status.h"

void ocelot_page_begin(struct ocelot_text *text, const char *title)
{
    ocelot_text_string(text, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<title>");
    ocelot_markup_escape(text, title);
    ocelot_text_string(text, "</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                             "<meta name=\"color-scheme\" content=\"light dark\"/>\n<meta name=\"generator\" content=\"ocelot ");
    ocelot_markup_escape(text, ocelot_version());
    /* Names in the data are hostile; a page that may run nothing and fetch nothing stays harmless even if one slipped through. */
    ocelot_text_string(
        text, "\"/>\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"/>\n"
              "<style>\n");
    for (size_t k = 0; ocelot_page_style[k]; k++) {
        ocelot_text_string(text, ocelot_page_style[k]);
    }
    ocelot_text_string(text, "</style>\n</head>\n<body>\n<main>\n");
}

void ocelot_page_section(struct ocelot_text *text, const char *id, const char *heading)
{
    ocelot_text_format(text, "<section id=\"%s\">\n<h2>", id);
    ocelot_markup_escape(text, heading);
    ocelot_text_string(text, "</h2>\n");
}

void ocelot_page_section_end(struct ocelot_text *text)
{
    ocelot_text_string(text, "</section>\n");
}

void ocelot_page_end(struct ocelot_text *text, const char *footer)
{
    ocelot_text_string(text, "</main>\n<footer>");
    ocelot_markup_escape(text, footer);
    ocelot_text_string(text, "</footer>\n</body>\n</html>\n");
}
