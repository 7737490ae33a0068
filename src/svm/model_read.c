/* LIBSVM model files in: header, SV lines, what follows them, and the machine made of it all. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "svm/card.h"
#include "svm/ensemble.h"
#include "svm/file.h"
#include "svm/header.h"
#include "svm/range.h"
#include "svm/vectors.h"

static const struct ocelot_svm_read_options no_options = {.range = NULL};

struct reader {
    struct ocelot_scan scan;
    const char *bytes;
    const struct ocelot_svm_read_options *options;
    struct ocelot_header header;
    struct ocelot_vectors vectors;
    size_t vectors_line; /* of the first SV line */
};

/* What may stand behind the last SV line: blank lines, and one card; then the next member of an ensemble, before which the scan is left. */
static enum ocelot_status read_trailer(struct reader *r, struct ocelot_machine *machine)
{
    struct ocelot_scan *scan = &r->scan;
    enum ocelot_status status = OCELOT_OK;
    for (struct ocelot_scan last = *scan; status == OCELOT_OK && ocelot_scan_filled_line(scan); last = *scan) {
        struct ocelot_scan before = *scan;
        struct ocelot_word word;
        ocelot_scan_word(scan, &word);
        if (ocelot_word_is(word, "svm_type") && machine->has_card) {
            *scan = last;
            return OCELOT_OK;
        }
        if (ocelot_word_is(word, "svm_type"))
            return ocelot_fail(scan->err, OCELOT_E_FORMAT,
                               "%s:%zu: found another model behind one without a card, expected the end of the file: only the cards of an ensemble "
                               "say that several models belong together",
                               scan->name, scan->line);
        if (!ocelot_word_is(word, "#ocelot") || word.text != before.at || machine->has_card)
            return ocelot_scan_fail(scan, &word, "the end of the file%s", machine->has_card ? "" : " or an #ocelot card, as total_sv is reached");
        if (!scan->terminated)
            return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found a card without a line end (is the file cut off?), expected a line end",
                               scan->name, scan->line);
        status = ocelot_card_read(scan, ocelot_card_crc(r->bytes, (size_t)(word.text - r->bytes)), machine);
    }
    return status;
}

/* The kernel of a file that names it, whose parameters stand in the header. */
static enum ocelot_status settle_named_kernel(struct reader *r, struct ocelot_machine *machine, const struct ocelot_kernel_parameters *header)
{
    const struct ocelot_machine_kernel *kernel = ocelot_machine_kernel_of_word(r->header.kernel_word);
    const char *expected;
    if (machine->has_card && machine->kernel != kernel)
        return ocelot_fail(r->scan.err, OCELOT_E_FORMAT, "%s:%zu: found kernel_type %s, expected what the card says, %s", r->scan.name,
                           ocelot_header_line(&r->header, "kernel_type:"), r->header.kernel_word, machine->kernel->name);
    machine->kernel = kernel;
    machine->parameters = *header;
    if (ocelot_kernel_parameters_check(kernel, &machine->parameters, &expected))
        return OCELOT_OK;
    return ocelot_fail(r->scan.err, OCELOT_E_FORMAT, "%s:%zu: found a model with kernel_type %s, expected %s", r->scan.name,
                       ocelot_header_line(&r->header, expected), r->header.kernel_word, expected);
}

/* The kernel of a precomputed file: the card's, or the caller's together with the training rows. */
static enum ocelot_status settle_precomputed_kernel(struct reader *r, struct ocelot_machine *machine)
{
    const struct ocelot_svm_read_options *o = r->options;
    const char *expected, *name = r->scan.name;
    size_t line = ocelot_header_line(&r->header, "kernel_type:");
    if (machine->has_card && strcmp(machine->kernel->word, "precomputed") == 0)
        return OCELOT_OK;
    if (machine->has_card)
        return ocelot_fail(r->scan.err, OCELOT_E_FORMAT, "%s:%zu: found kernel_type precomputed, expected what the card says, %s", name, line,
                           machine->kernel->name);
    if (!o->support_rows || !o->kernel)
        return ocelot_fail(r->scan.err, OCELOT_E_UNSUPPORTED,
                           "%s:%zu: found kernel_type precomputed without a card: such a file does not hold its support vectors; expected the "
                           "training rows (in the order in which 0:n counts them) and the name and parameters of the kernel as options",
                           name, line);
    machine->kernel = ocelot_machine_kernel_find(o->kernel);
    if (!machine->kernel)
        return ocelot_fail(r->scan.err, OCELOT_E_ARGUMENT,
                           "found the kernel '%.40s', expected rbf, laplace, generalised-gaussian, student, linear, "
                           "polynomial or sigmoid",
                           o->kernel);
    machine->parameters = (struct ocelot_kernel_parameters){o->gamma, o->power, o->coef0, o->degree};
    if (!ocelot_kernel_parameters_check(machine->kernel, &machine->parameters, &expected))
        return ocelot_fail(r->scan.err, OCELOT_E_ARGUMENT, "the %s kernel of %s: expected %s", o->kernel, name, expected);
    if ((size_t)r->vectors.highest_serial > o->support_row_count)
        return ocelot_fail(r->scan.err, OCELOT_E_SHAPE, "%s:%zu: found serial number %ld, expected at most %zu, as so many training rows are given",
                           name, r->vectors_line, r->vectors.highest_serial, o->support_row_count);
    return OCELOT_OK;
}

/* Where the features lie: as the training rows or the card say, else as far as the support vectors go. */
static enum ocelot_status settle_width(struct reader *r, struct ocelot_machine *machine, bool from_rows)
{
    const struct ocelot_vectors *s = &r->vectors;
    bool precomputed = strcmp(r->header.kernel_word, "precomputed") == 0;
    if (from_rows) {
        machine->first = 1;
        machine->width = r->options->support_columns;
        return machine->width ? OCELOT_OK : ocelot_fail(r->scan.err, OCELOT_E_SHAPE, "found training rows without columns, expected at least one");
    }
    if (machine->has_card) {
        long lowest = precomputed ? 1 : machine->first, highest = lowest + (long)machine->width - 1;
        if (s->highest < 0 || (s->lowest >= lowest && s->highest <= highest))
            return OCELOT_OK;
        return ocelot_fail(r->scan.err, OCELOT_E_FORMAT,
                           "%s:%zu: found support vectors with indices from %ld to %ld, expected %ld to %ld, as the card says", r->scan.name,
                           r->vectors_line, s->lowest, s->highest, lowest, highest);
    }
    if (s->highest < 0)
        return ocelot_fail(r->scan.err, OCELOT_E_FORMAT, "%s:%zu: found support vectors without a single value, expected index:value", r->scan.name,
                           r->vectors_line);
    machine->first = s->lowest == 0 ? 0 : 1;
    machine->width = (size_t)(s->highest - machine->first) + 1;
    return OCELOT_OK;
}

static enum ocelot_status read_machine(struct reader *r, struct ocelot_machine *machine)
{
    struct ocelot_error *err = r->scan.err;
    enum ocelot_status status = ocelot_header_read(&r->scan, &r->header);
    if (status == OCELOT_OK)
        status = ocelot_header_apply(&r->header, machine, err);
    struct ocelot_kernel_parameters parameters = machine->parameters;
    r->vectors_line = r->scan.line + 1;
    if (status == OCELOT_OK)
        status = ocelot_vectors_read(&r->scan, &r->header, &r->vectors);
    if (status == OCELOT_OK)
        status = read_trailer(r, machine);
    if (status != OCELOT_OK)
        return status;
    bool precomputed = strcmp(r->header.kernel_word, "precomputed") == 0, from_rows = precomputed && !machine->has_card;
    if (r->options->support_rows && !from_rows)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "%s: found a model that holds its support vectors, expected no training rows for it",
                           r->scan.name);
    status = precomputed ? settle_precomputed_kernel(r, machine) : settle_named_kernel(r, machine, &parameters);
    if (status == OCELOT_OK)
        status = settle_width(r, machine, from_rows);
    if (status == OCELOT_OK)
        status = ocelot_machine_fits(machine, r->options->memory_limit, r->scan.name, err);
    if (status == OCELOT_OK)
        status = ocelot_machine_allocate(machine, err);
    if (status == OCELOT_OK) {
        ocelot_vectors_lay_out(&r->vectors, &r->header, from_rows ? r->options->support_rows : NULL, machine);
        status = ocelot_machine_drop_zeros(machine, r->scan.name, err);
    }
    if (status == OCELOT_OK && !from_rows && !r->options->range && !ocelot_vectors_entries(&r->vectors, &r->header, machine, &machine->entries))
        status = ocelot_fail_memory(err, "the support vectors");
    ocelot_vectors_release(&r->vectors);
    if (status == OCELOT_OK && r->options->range)
        status = ocelot_range_apply(machine, r->options->range, r->options->memory_limit, err);
    return status;
}

/* Training rows stand in for support vectors, so they must be numbers. */
static enum ocelot_status check_options(const struct ocelot_svm_read_options *o, struct ocelot_error *err)
{
    for (size_t i = 0; o->support_rows && i < o->support_row_count; i++)
        for (size_t k = 0; k < o->support_columns; k++)
            if (!isfinite(o->support_rows[i * o->support_columns + k]))
                return ocelot_fail(err, OCELOT_E_VALUE, "training row %zu, column %zu: found a value that is missing or infinite, expected a number",
                                   i + 1, k + 1);
    return OCELOT_OK;
}

/* One model of the file, from where the scan stands, which is then behind it. */
static enum ocelot_status read_member(struct ocelot_scan *scan, const struct ocelot_svm_read_options *options, struct ocelot_machine **out)
{
    struct reader r = {.scan = *scan, .bytes = scan->next, .options = options};
    struct ocelot_machine *machine = *out = ocelot_allocate(1, sizeof *machine);
    if (!machine)
        return ocelot_fail_memory(scan->err, "the model");
    machine->absent_factor = 1;
    machine->card.training.nu = machine->card.training.solved_rho = NAN;
    enum ocelot_status status = read_machine(&r, machine);
    ocelot_header_release(&r.header);
    ocelot_vectors_release(&r.vectors);
    *scan = r.scan;
    return status;
}

/* The other members of an ensemble, as many as the first card says. */
static enum ocelot_status read_followers(struct ocelot_scan *scan, const struct ocelot_svm_read_options *options, struct ocelot_machine *first)
{
    size_t members = first->card.ensemble.members ? first->card.ensemble.members : 1, found = 1;
    struct ocelot_machine *last = first;
    for (struct ocelot_scan at = *scan; ocelot_scan_filled_line(&at); at = *scan, found++, last = last->next) {
        if (found == members)
            return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found another model, expected the end of the file, as the first card counts %zu",
                               scan->name, at.line, members);
        enum ocelot_status status = read_member(scan, options, &last->next);
        struct ocelot_machine all = *first;
        for (const struct ocelot_machine *m = first->next; m; m = m->next)
            all.count += m->count;
        if (status == OCELOT_OK)
            status = ocelot_ensemble_check(first, last->next, scan->name, at.line, scan->err);
        if (status == OCELOT_OK)
            status = ocelot_machine_fits(&all, options->memory_limit, scan->name, scan->err);
        if (status != OCELOT_OK)
            return status;
    }
    if (found == members)
        return OCELOT_OK;
    return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found the end of the file behind %zu models, expected %zu, as the first card counts",
                       scan->name, scan->line, found, members);
}

enum ocelot_status ocelot_machine_read(const char *bytes, size_t size, const char *name, const struct ocelot_svm_read_options *options,
                                       struct ocelot_machine **out, struct ocelot_error *err)
{
    struct ocelot_scan scan = ocelot_scan_open(bytes, size, name, err);
    struct ocelot_machine *machine = NULL;
    options = options ? options : &no_options;
    enum ocelot_status status = check_options(options, err);
    if (status == OCELOT_OK)
        status = read_member(&scan, options, &machine);
    if (status == OCELOT_OK)
        status = read_followers(&scan, options, machine);
    if (status != OCELOT_OK) {
        ocelot_machine_free(machine);
        return status;
    }
    *out = machine;
    return OCELOT_OK;
}
