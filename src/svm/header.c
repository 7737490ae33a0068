#include "svm/header.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

/* One header key: how its value is read, where it goes, and the bounds of whole numbers. */
struct key {
    const char *word;
    enum ocelot_status (*take)(struct ocelot_scan *scan, const struct key *key, void *member);
    size_t offset;
    long long low, high;
    bool required;
};

static enum ocelot_status take_type(struct ocelot_scan *scan, const struct key *key, void *member)
{
    static const char expected[] = "svm_type: c_svc, nu_svc, one_class, epsilon_svr or nu_svr";
    (void)key;
    struct ocelot_word word;
    if (!ocelot_scan_word(scan, &word))
        return ocelot_scan_fail(scan, NULL, "%s", expected);
    for (const struct ocelot_machine_type *type = ocelot_machine_types; type->word; type++)
        if (ocelot_word_is(word, type->word)) {
            *(const struct ocelot_machine_type **)member = type;
            return OCELOT_OK;
        }
    return ocelot_scan_fail(scan, &word, "%s", expected);
}

static enum ocelot_status take_kernel(struct ocelot_scan *scan, const struct key *key, void *member)
{
    static const char expected[] = "kernel_type: linear, polynomial, rbf, sigmoid or precomputed";
    (void)key;
    struct ocelot_word word;
    if (!ocelot_scan_word(scan, &word))
        return ocelot_scan_fail(scan, NULL, "%s", expected);
    for (const struct ocelot_machine_kernel *kernel = ocelot_machine_kernels; kernel->name; kernel++)
        if (ocelot_word_is(word, kernel->word)) {
            *(const char **)member = kernel->word;
            return OCELOT_OK;
        }
    return ocelot_scan_fail(scan, &word, "%s", expected);
}

static enum ocelot_status take_number(struct ocelot_scan *scan, const struct key *key, void *member)
{
    return ocelot_scan_number(scan, key->word, member);
}

static enum ocelot_status take_integer(struct ocelot_scan *scan, const struct key *key, void *member)
{
    return ocelot_scan_integer(scan, key->word, key->low, key->high, member);
}

/* Grows with what really stands on the line, so that no count in the file is believed. */
static enum ocelot_status push(struct ocelot_scan *scan, struct ocelot_header_list *list, double value)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 8;
        double *values = ocelot_reallocate(list->values, capacity, sizeof *values);
        if (!values)
            return ocelot_fail_memory(scan->err, "the header");
        list->values = values;
        list->capacity = capacity;
    }
    list->values[list->count++] = value;
    return OCELOT_OK;
}

static bool more_words(const struct ocelot_scan *scan)
{
    struct ocelot_scan ahead = *scan;
    struct ocelot_word word;
    return ocelot_scan_word(&ahead, &word);
}

/* Numbers to the end of the line; whole numbers where the key has bounds. */
static enum ocelot_status take_list(struct ocelot_scan *scan, const struct key *key, void *member)
{
    struct ocelot_header_list *list = member;
    enum ocelot_status status = OCELOT_OK;
    list->line = scan->line;
    while (status == OCELOT_OK && more_words(scan)) {
        double value = 0;
        long long whole = 0;
        if (key->low < key->high) {
            status = ocelot_scan_integer(scan, key->word, key->low, key->high, &whole);
            value = (double)whole;
        } else {
            status = ocelot_scan_number(scan, key->word, &value);
        }
        if (status == OCELOT_OK)
            status = push(scan, list, value);
    }
    return status;
}

static const struct key keys[] = {
    {"svm_type", take_type, offsetof(struct ocelot_header, type), 0, 0, true},
    {"kernel_type", take_kernel, offsetof(struct ocelot_header, kernel_word), 0, 0, true},
    {"degree", take_integer, offsetof(struct ocelot_header, degree), 0, 1000, false},
    {"gamma", take_number, offsetof(struct ocelot_header, gamma), 0, 0, false},
    {"coef0", take_number, offsetof(struct ocelot_header, coef0), 0, 0, false},
    {"nr_class", take_integer, offsetof(struct ocelot_header, nr_class), 2, INT_MAX, true},
    {"total_sv", take_integer, offsetof(struct ocelot_header, total_sv), 1, INT_MAX, true},
    {"rho", take_list, offsetof(struct ocelot_header, rho), 0, 0, true},
    {"label", take_list, offsetof(struct ocelot_header, label), INT_MIN, INT_MAX, false},
    {"probA", take_list, offsetof(struct ocelot_header, prob_a), 0, 0, false},
    {"probB", take_list, offsetof(struct ocelot_header, prob_b), 0, 0, false},
    {"prob_density_marks", take_list, offsetof(struct ocelot_header, density), 0, 0, false},
    {"nr_sv", take_list, offsetof(struct ocelot_header, members), 0, INT_MAX, false},
};
enum { KEYS = sizeof keys / sizeof *keys };
_Static_assert(KEYS <= sizeof((struct ocelot_header *)0)->seen / sizeof(size_t), "a line number for every key");

static enum ocelot_status take_line(struct ocelot_scan *scan, struct ocelot_header *header, struct ocelot_word word)
{
    for (size_t k = 0; k < KEYS; k++) {
        if (!ocelot_word_is(word, keys[k].word))
            continue;
        if (header->seen[k])
            return ocelot_scan_fail(scan, &word, "each header line once (it stands in line %zu already)", header->seen[k]);
        header->seen[k] = scan->line;
        enum ocelot_status status = keys[k].take(scan, &keys[k], (char *)header + keys[k].offset);
        return status == OCELOT_OK ? ocelot_scan_end(scan) : status;
    }
    return ocelot_scan_fail(scan, &word, "a header line of a LIBSVM model file (svm_type, kernel_type, ..., rho) or SV");
}

/* The number of values that a line must have, once nr_class is known. */
static enum ocelot_status check_list(const struct ocelot_scan *scan, const char *word, const struct ocelot_header_list *list, size_t expected)
{
    if (list->line == 0 || list->count == expected)
        return OCELOT_OK;
    return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found %zu values of %s, expected %zu", scan->name, list->line, list->count, word,
                       expected);
}

/* Quadratic in the number of classes, and so is the number of values of rho, which stand in the file. */
static enum ocelot_status check_labels(const struct ocelot_scan *scan, const struct ocelot_header_list *label)
{
    for (size_t k = 1; k < label->count; k++)
        for (size_t i = 0; i < k; i++)
            if (label->values[i] == label->values[k])
                return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found label %.0f twice, expected a label of its own for every class",
                                   scan->name, label->line, label->values[k]);
    return OCELOT_OK;
}

/* Class labels and counts, which only classifiers need: one-class files of R's e1071 carry zeros. */
static enum ocelot_status check_classes(const struct ocelot_scan *scan, const struct ocelot_header *header)
{
    if (header->type->role != OCELOT_ROLE_CLASSIFIER) {
        if (header->nr_class == 2)
            return OCELOT_OK;
        return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found nr_class %lld, expected nr_class 2 for svm_type %s", scan->name,
                           ocelot_header_line(header, "nr_class:"), header->nr_class, header->type->word);
    }
    if (!header->label.line || !header->members.line)
        return ocelot_scan_fail(scan, &(struct ocelot_word){"SV", 2}, "header lines label and nr_sv before it, as svm_type %s has classes",
                                header->type->word);
    double sum = 0;
    for (size_t k = 0; k < header->members.count; k++)
        sum += header->members.values[k];
    if (sum != (double)header->total_sv)
        return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found nr_sv that sum to %.0f, expected total_sv, %lld", scan->name,
                           header->members.line, sum, header->total_sv);
    return check_labels(scan, &header->label);
}

static enum ocelot_status check(const struct ocelot_scan *scan, const struct ocelot_header *header)
{
    for (size_t k = 0; k < KEYS; k++)
        if (keys[k].required && !header->seen[k])
            return ocelot_scan_fail(scan, &(struct ocelot_word){"SV", 2}, "a header line %s before it", keys[k].word);
    bool classifier = header->type->role == OCELOT_ROLE_CLASSIFIER;
    size_t classes = (size_t)header->nr_class, pairs = classifier ? classes * (classes - 1) / 2 : 1;
    enum ocelot_status status = check_list(scan, "rho", &header->rho, pairs);
    if (status == OCELOT_OK)
        status = check_list(scan, "label", &header->label, classes);
    if (status == OCELOT_OK)
        status = check_list(scan, "probA", &header->prob_a, pairs);
    if (status == OCELOT_OK)
        status = check_list(scan, "probB", &header->prob_b, pairs);
    if (status == OCELOT_OK)
        status = check_list(scan, "prob_density_marks", &header->density, OCELOT_DENSITY_MARKS);
    if (status == OCELOT_OK)
        status = check_list(scan, "nr_sv", &header->members, classes);
    return status == OCELOT_OK ? check_classes(scan, header) : status;
}

enum ocelot_status ocelot_header_read(struct ocelot_scan *scan, struct ocelot_header *header)
{
    struct ocelot_word word;
    *header = (struct ocelot_header){.gamma = NAN, .coef0 = NAN, .degree = -1};
    enum ocelot_status status = OCELOT_OK;
    while (status == OCELOT_OK) {
        if (!ocelot_scan_filled_line(scan))
            return ocelot_scan_fail(scan, NULL, "%s", scan->line ? "the rest of the header and an SV line" : "a LIBSVM model file");
        ocelot_scan_word(scan, &word);
        if (ocelot_word_is(word, "SV") && (status = ocelot_scan_end(scan)) == OCELOT_OK)
            return check(scan, header);
        if (status == OCELOT_OK)
            status = take_line(scan, header, word);
    }
    return status;
}

void ocelot_header_release(struct ocelot_header *header)
{
    free(header->rho.values);
    free(header->label.values);
    free(header->prob_a.values);
    free(header->prob_b.values);
    free(header->density.values);
    free(header->members.values);
}

/* Copies of header values for the machine; absent lists stay NULL. */
static bool copy_numbers(const struct ocelot_header_list *list, double **out)
{
    if (list->line == 0)
        return true;
    *out = ocelot_allocate(list->count, sizeof **out);
    if (*out && list->count)
        memcpy(*out, list->values, list->count * sizeof **out);
    return *out != NULL;
}

static bool copy_integers(const struct ocelot_header_list *list, int **out)
{
    if (list->line == 0)
        return true;
    *out = ocelot_allocate(list->count, sizeof **out);
    for (size_t k = 0; *out && k < list->count; k++)
        (*out)[k] = (int)list->values[k];
    return *out != NULL;
}

enum ocelot_status ocelot_header_apply(const struct ocelot_header *header, struct ocelot_machine *machine, struct ocelot_error *err)
{
    bool classifier = header->type->role == OCELOT_ROLE_CLASSIFIER;
    machine->type = header->type;
    machine->classes = (size_t)header->nr_class;
    machine->pairs = classifier ? machine->classes * (machine->classes - 1) / 2 : 1;
    machine->count = (size_t)header->total_sv;
    machine->parameters =
        (struct ocelot_kernel_parameters){.gamma = header->gamma, .power = NAN, .coef0 = header->coef0, .degree = (int)header->degree};
    bool copied = copy_numbers(&header->rho, &machine->rho) && copy_numbers(&header->prob_a, &machine->prob_a) &&
                  copy_numbers(&header->prob_b, &machine->prob_b) && copy_numbers(&header->density, &machine->density);
    if (classifier)
        copied = copied && copy_integers(&header->label, &machine->labels) && copy_integers(&header->members, &machine->members);
    return copied ? OCELOT_OK : ocelot_fail_memory(err, "the header");
}

size_t ocelot_header_line(const struct ocelot_header *header, const char *expected)
{
    size_t kernel_line = 1;
    for (size_t k = 0; k < KEYS; k++) {
        size_t length = strlen(keys[k].word);
        if (header->seen[k] && strncmp(expected, keys[k].word, length) == 0 && expected[length] == ':')
            return header->seen[k];
        if (strcmp(keys[k].word, "kernel_type") == 0)
            kernel_line = header->seen[k];
    }
    return kernel_line;
}
