/* A compile whose decision is in the cache, without Python. */
#ifndef LLMCC_HIT_H
#define LLMCC_HIT_H
#include <stdint.h>

/* Replay the call that the record `key` of kind "calls" describes (llmcc/native/calls.py writes it) and end with status
   0; returns, with nothing left behind, where Python has to see to the call. */
void replay(const char *directory, const char *key);

/* Have the index say what became of the file of this name (32 digits), unless it says so already: for `llmcc-tool
   explain`. A record that cannot be written is done without. */
void note(const char *directory, const char *name, const char *body);

/* Let no file of ours or clang's be taken for a standard stream that our caller closed. */
void open_standard_streams(void);

/* Whether the statistics have grown so large that Python should make them small again. */
int statistics_are_large(const char *directory);

/* Add a line to the statistics: outcome, reason and sizes, and the milliseconds since we began. */
void count(const char *directory, const char *what);

/* Whether a file is as it was: "INODE.SIZE.NANOSECONDS PATH", or "- PATH" for none; with `changes` the time of the last
   change of its inode comes fourth. */
int unchanged(const char *line, int changes);

#endif
