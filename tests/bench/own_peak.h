/* The most memory that this program had, in megabytes. The operating system's own account (getrusage) starts with that of the program that started
 * it. */
#ifndef OCELOT_BENCH_OWN_PEAK_H
#define OCELOT_BENCH_OWN_PEAK_H

double bench_peak_mb(void);

#endif
